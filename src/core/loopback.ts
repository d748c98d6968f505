/** Whether an IP address reaches this machine only: 127.0.0.0/8 or ::1, also as `::ffff:127.0.0.1`. */
export const isLoopbackAddress = (address: string): boolean =>
  address === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(address);

/** Whether a host of a URL or a Host header, without its port, is a loopback name: `localhost`, `127.0.0.1`, `[::1]`. */
export const isLoopbackName = (host: string): boolean =>
  host.toLowerCase() === "localhost" || isLoopbackAddress(host.replace(/^\[(.*)\]$/, "$1"));
