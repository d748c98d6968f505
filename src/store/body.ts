import { promisify } from "node:util";
import {
  type BrotliOptions,
  brotliCompress,
  brotliCompressSync,
  brotliDecompress,
  brotliDecompressSync,
  constants,
} from "node:zlib";

/** Up to this size a thread costs more than the work; above, the work would hold up the event loop. In bytes. */
const SMALL = 64 * 1024;
/** Brotli at its second fastest makes a webhook ten times smaller: smaller than deflate's fastest, and in little more than half its time. */
const options: BrotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 }, chunkSize: 4096 };
const compress = promisify<Uint8Array, BrotliOptions, Buffer>(brotliCompress);
const decompress = promisify<Uint8Array, BrotliOptions, Buffer>(brotliDecompress);

/** Holds up the thread for as long as it takes. */
export const packSync = (body: Uint8Array): Uint8Array => brotliCompressSync(body, options);

export const pack = async (body: Uint8Array): Promise<Uint8Array> =>
  body.byteLength <= SMALL ? packSync(body) : compress(body, options);

/** `size`: of what was packed, in bytes, so that it is unpacked in one piece. */
export async function unpack(packed: Uint8Array, size: number): Promise<Uint8Array> {
  const whole = { chunkSize: Math.max(64, size + 1) };
  return size <= SMALL ? brotliDecompressSync(packed, whole) : decompress(packed, whole);
}
