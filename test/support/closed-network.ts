import nock from "nock";

/** As nock names a host: without brackets, with its port. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|::1):\d+$/;

nock.disableNetConnect();
nock.enableNetConnect((host) => LOOPBACK.test(host));
