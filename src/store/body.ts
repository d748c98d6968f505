import { promisify } from "node:util";
import { deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from "node:zlib";

/** Up to this size a thread costs more than the work; above, the work would hold up the event loop. In bytes. */
const SMALL = 64 * 1024;
/** The fastest level: it makes a webhook ten times smaller, as good as the slow ones for text that is read once. */
const options = { level: 1 };
const deflate = promisify<Uint8Array, typeof options, Buffer>(deflateRaw);
const inflate = promisify<Uint8Array, Buffer>(inflateRaw);

export const pack = async (body: Uint8Array): Promise<Uint8Array> =>
  body.byteLength <= SMALL ? deflateRawSync(body, options) : deflate(body, options);

export const unpack = async (packed: Uint8Array): Promise<Uint8Array> =>
  packed.byteLength <= SMALL / 8 ? inflateRawSync(packed) : inflate(packed);
