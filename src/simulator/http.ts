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

/**
 * `hang`: no answer until the server closes. `reset`: nothing is done. Of the others the work is done: `drop-answer`, the answer
 * is lost; `cut`, the connection ends in the middle of it; `half`, its first half comes as if that were all; `drip`, it comes
 * byte by byte, each a moment after the other.
 */
export type FaultKind = Answer | "hang" | "reset" | "drop-answer" | "cut" | "half" | "drip";
export interface Fault {
  readonly method?: string;
  /** Tested against the path without `/api/v3`, query left out. */
  readonly path?: RegExp;
  /** How often; default 1. */
  readonly times?: number;
  /** A function is asked anew for each request; undefined: the ordinary answer. */
  readonly answer: FaultKind | ((call: Call) => FaultKind | undefined);
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
    response.setHeader("date", new Date(now()).toUTCString());
    const call = await readCall(request);
    requests.push({ method: call.method, path: call.path, time: now() });
    const fault = takeFault(pending, call);
    if (fault === "reset") return void request.socket.resetAndDestroy();
    if (fault === "hang") return;
    if (typeof fault === "object") return send(response, fault);
    const regular = await answer(call);
    if (typeof regular === "string") respond(response, regular, "");
    else if (fault === undefined) send(response, regular);
    else respond(response, fault, textOf(regular));
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

function takeFault(pending: { fault: Fault; left: number }[], call: Call): FaultKind | undefined {
  const { method, path } = call;
  const found = pending.find(
    ({ fault, left }) => left > 0 && (fault.method ?? method) === method && (fault.path?.test(path) ?? true),
  );
  if (!found) return undefined;
  found.left -= 1;
  const { answer } = found.fault;
  return typeof answer === "function" ? answer(call) : answer;
}

/** Milliseconds from one byte to the next. */
const DRIP = 20;

/** What comes of an answer: none of it, or a part. */
function respond(response: ServerResponse, how: Exclude<FaultKind, Answer>, text: string): void {
  const half = text.slice(0, Math.floor(text.length / 2));
  const end = () => void response.socket?.destroy();
  if (how === "half") send(response, { status: 200, text: half, headers: JSON_TYPE });
  else if (how === "drip") drip(response, text);
  else if (how === "cut") beginOf(response, text).write(half, end);
  else if (how !== "hang") end();
}

const beginOf = (response: ServerResponse, text: string): ServerResponse =>
  response.writeHead(200, { ...JSON_TYPE, "content-length": String(Buffer.byteLength(text)) });

function drip(response: ServerResponse, text: string): void {
  const bytes = Buffer.from(text);
  beginOf(response, text);
  let sent = 0;
  const timer = setInterval(() => {
    response.write(bytes.subarray(sent, ++sent));
    if (sent >= bytes.length) response.end();
  }, DRIP);
  response.once("close", () => clearInterval(timer));
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

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };
const TEXT_TYPE = { "content-type": "text/plain; charset=utf-8" };
const textOf = ({ body, text }: Answer): string => text ?? (body === undefined ? "" : JSON.stringify(body));

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, { ...(answer.text === undefined ? JSON_TYPE : TEXT_TYPE), ...answer.headers });
  response.end(textOf(answer));
}
