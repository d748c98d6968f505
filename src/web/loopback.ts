import { isIP } from "node:net";

/** Whether an IP address reaches this machine only: 127.0.0.0/8 or ::1, also as `::ffff:127.0.0.1`. */
export function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  return isIP(plain) === 4 ? plain.startsWith("127.") : plain === "::1";
}

/** Whether a host of a URL or a Host header, without its port, is a loopback name: `localhost`, `127.0.0.1`, `[::1]`. */
export const isLoopbackName = (host: string): boolean =>
  host.toLowerCase() === "localhost" || isLoopbackAddress(host.replace(/^\[(.*)\]$/, "$1"));
