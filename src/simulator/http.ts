import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** A request as the simulated APIs see it. `origin`: where the client reached us, for links. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
  readonly origin: string;
}
/** `text` is sent as it stands instead of a JSON body. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `hang`: no answer until the server closes. `reset`: nothing is done. `drop-answer`: the work is done, the answer lost. */
export type FaultKind = Answer | "hang" | "reset" | "drop-answer";
export interface Fault {
  readonly method?: string;
  /** Tested against the path without `/api/v3`, query left out. */
  readonly path?: RegExp;
  /** How often; default 1. */
  readonly times?: number;
  readonly answer: FaultKind;
}
export interface Faults {
  /** The next requests that fit get this answer instead of the ordinary one. */
  next(fault: Fault): void;
  clear(): void;
}
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}
export interface LoopbackServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly faults: Faults;
  readonly requests: LoggedRequest[];
  close(): Promise<void>;
}
/** A port that listens; requests wait until `serve` says who answers. */
export interface Listening {
  readonly server: Server;
  readonly url: string;
  readonly host: string;
}

/** Listens on 127.0.0.1; port 0 is any free one. */
export async function listen(port: number): Promise<Listening> {
  const server = createServer();
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", listening);
  });
  const address = server.address();
  const host = `127.0.0.1:${typeof address === "object" && address ? address.port : port}`;
  return { server, host, url: `http://${host}` };
}

export interface Service {
  readonly now: () => number;
  readonly answer: (call: Call) => FaultKind | Promise<FaultKind>;
}

/** Serves JSON. A path prefix `/api/v3` is cut off. */
export function serve({ server, url, host }: Listening, { now, answer }: Service): LoopbackServer {
  const requests: LoggedRequest[] = [];
  const pending: { fault: Fault; left: number }[] = [];
  server.on("request", (request, response) => {
    void handle(request, response).catch((error: unknown) => {
      send(response, { status: 500, body: { message: String(error) } });
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const call = await readCall(request);
    requests.push({ method: call.method, path: call.path, time: now() });
    const fault = takeFault(pending, call);
    if (fault === "reset") return void request.socket.resetAndDestroy();
    if (fault === "hang") return;
    if (typeof fault === "object") return send(response, fault);
    const regular = await answer(call);
    if (fault === "drop-answer") return void request.socket.destroy();
    respond(request, response, regular);
  }

  return {
    url,
    host,
    requests,
    faults: {
      next: (fault) => void pending.push({ fault, left: fault.times ?? 1 }),
      clear: () => void pending.splice(0),
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function takeFault(pending: { fault: Fault; left: number }[], { method, path }: Call): FaultKind | undefined {
  const found = pending.find(
    ({ fault, left }) => left > 0 && (fault.method ?? method) === method && (fault.path?.test(path) ?? true),
  );
  if (found) found.left -= 1;
  return found?.fault.answer;
}

function respond(request: IncomingMessage, response: ServerResponse, answer: FaultKind): void {
  if (answer === "hang") return;
  if (typeof answer === "string") request.socket.destroy();
  else send(response, answer);
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const origin = `http://${request.headers.host ?? "127.0.0.1"}`;
  const url = new URL(request.url ?? "/", origin);
  return {
    method: request.method ?? "GET",
    path: url.pathname.replace(/^\/api\/v3(?=\/|$)/, "") || "/",
    query: url.searchParams,
    headers: request.headers,
    body: parseBody(Buffer.concat(chunks).toString()),
    origin: url.pathname.startsWith("/api/v3") ? `${origin}/api/v3` : origin,
  };
}

function parseBody(text: string): Call["body"] {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === "object" ? { ...value } : {};
  } catch {
    return {};
  }
}

function send(response: ServerResponse, { status, body, text, headers }: Answer): void {
  const type = text === undefined ? "application/json; charset=utf-8" : "text/plain; charset=utf-8";
  response.writeHead(status, { "content-type": type, ...headers });
  response.end(text ?? (body === undefined ? "" : JSON.stringify(body)));
}
