import { canariesFound } from "./attacks/canaries-found.js";
import { flood } from "./attacks/flood.js";
import { forgedAddresses } from "./attacks/forged-addresses.js";
import { forgedSignatures } from "./attacks/forged-signatures.js";
import { hostileYaml } from "./attacks/hostile-yaml.js";
import { injectedNames } from "./attacks/injected-names.js";
import { lastResort } from "./attacks/last-resort.js";
import { replayed } from "./attacks/replayed.js";
import { rotation } from "./attacks/rotation.js";
import { supplyChain } from "./attacks/supply-chain.js";
import { weakSecrets } from "./attacks/weak-secrets.js";
import type { Experiment } from "./experiment.js";
import { badAnswers } from "./faults/bad-answers.js";
import { duplicates } from "./faults/duplicates.js";
import { dyingWorkers } from "./faults/dying-workers.js";
import { failingSyncs } from "./faults/failing-syncs.js";
import { fullDisk } from "./faults/full-disk.js";
import { killing } from "./faults/killing.js";
import { lockedDatabase } from "./faults/locked-database.js";
import { migrating } from "./faults/migrating.js";
import { plantedBugs } from "./faults/planted-bugs.js";
import { poison } from "./faults/poison.js";
import { postgresTrouble } from "./faults/postgres-trouble.js";
import { powerLoss } from "./faults/power-loss.js";
import { reordering } from "./faults/reordering.js";
import { skewedClocks } from "./faults/skewed-clocks.js";
import { slowStore } from "./faults/slow-store.js";
import { soak } from "./faults/soak.js";
import { stopping } from "./faults/stopping.js";

/** All of the campaign, in the order in which it runs. */
export const EXPERIMENTS: readonly Experiment[] = [
  killing, // R1
  powerLoss, // R2
  failingSyncs, // R3
  fullDisk, // R4
  lockedDatabase, // R5
  slowStore, // R6
  duplicates, // R7
  reordering, // R8
  badAnswers, // R10
  poison, // R11
  dyingWorkers, // R12
  skewedClocks, // R13
  stopping, // R14
  migrating, // R15
  postgresTrouble, // R17
  soak, // R20
  plantedBugs, // R22
  weakSecrets, // S1
  rotation, // S2
  forgedSignatures, // S3
  flood, // S4
  canariesFound, // S5
  replayed, // S6
  injectedNames, // S7
  hostileYaml, // S12
  forgedAddresses, // S13
  supplyChain, // S16
  lastResort, // S18
];
