import type { Question } from "./question.js";
import { analyze } from "./questions/analyze.js";
import { claim } from "./questions/claim.js";
import { dataLayer } from "./questions/data-layer.js";
import { drain } from "./questions/drain.js";
import { intake } from "./questions/intake.js";
import { materialise } from "./questions/materialise.js";
import { log, memory } from "./questions/memory.js";
import { mergeToComment } from "./questions/merge-to-comment.js";
import { postgres } from "./questions/postgres.js";
import { questionToAnswer } from "./questions/question-to-answer.js";
import { replay } from "./questions/replay.js";
import { slowDisk } from "./questions/slow-disk.js";
import { start } from "./questions/start.js";

/** In the order in which they are asked. */
export const QUESTIONS: readonly Question[] = [
  intake,
  slowDisk,
  postgres,
  log,
  start,
  mergeToComment,
  questionToAnswer,
  replay,
  materialise,
  dataLayer,
  claim,
  drain,
  analyze,
  memory,
];
