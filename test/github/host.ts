import nock from "nock";
import { owner, repositoryRef } from "../../src/core/ref.js";
import { quietOctokit } from "../../src/github/client.js";
import type { Clients } from "../../src/github/subject.js";
import type { Clock, Log, Repository } from "../../src/ports.js";
import { RECEIVED } from "./payloads.js";

export const clock: Clock = { now: () => RECEIVED };
export const octokit: Clients = async () => new quietOctokit({ auth: { token: "secret-token" } });

export const web: Repository = {
  owner: owner(42),
  ref: repositoryRef(7),
  name: "acme/web",
  defaultBranch: "main",
  installation: "5",
};

/** GitHub, as far as a test plays it. Every part of it has to be asked for. */
export const github = () => nock("https://api.github.com");

/** A log that keeps what it is told. */
export function keptLog(): Log & { readonly lines: { readonly fields: object; readonly message: string }[] } {
  const lines: { fields: object; message: string }[] = [];
  const keep = (fields: object, message: string) => void lines.push({ fields, message });
  return { lines, debug: keep, info: keep, warn: keep, error: keep };
}

export const nextPage = (page: number) => ({ link: `<https://api.github.com/x?page=${page}>; rel="next"` });
