import { checkRunsOf } from "./check-routes.js";
import { commitOf, deleteBranch, push, putFile, tag } from "./code-actions.js";
import {
  completeCheckSuite,
  deleteRelease,
  deploy,
  release,
  runWorkflow,
  setDeploymentStatus,
  setStatus,
} from "./delivery-actions.js";
import { changeSelection, install, suspend, uninstall, unsuspend } from "./installation-actions.js";
import { merge } from "./merge.js";
import {
  changeBase,
  closePullRequest,
  convertToDraft,
  deletePullRequest,
  editTitle,
  label,
  lockPullRequest,
  markReady,
  openPullRequest,
  reopenPullRequest,
  unlabel,
} from "./pull-request-actions.js";
import {
  archiveRepository,
  createRepository,
  deleteRepository,
  renameRepository,
  setRole,
  setVisibility,
  transferRepository,
  unarchiveRepository,
} from "./repository-actions.js";
import { comment, commentsOf, deleteComment, dismissReview, editComment, review, reviewComment } from "./review-actions.js";
import { bind, type Site } from "./site.js";

/** All that can happen on the simulated GitHub. */
export const actionsOf = (site: Site) =>
  bind(site, {
    ...{ install, uninstall, suspend, unsuspend, changeSelection },
    ...{ createRepository, renameRepository, transferRepository, archiveRepository, unarchiveRepository, deleteRepository },
    ...{ setVisibility, setRole, push, putFile, tag, deleteBranch, commitOf, checkRunsOf },
    ...{ openPullRequest, markReady, convertToDraft, label, unlabel, editTitle, changeBase, merge },
    ...{ closePullRequest, reopenPullRequest, lockPullRequest, deletePullRequest },
    ...{ review, dismissReview, reviewComment, comment, editComment, deleteComment, commentsOf },
    ...{ runWorkflow, completeCheckSuite, setStatus, deploy, setDeploymentStatus, release, deleteRelease },
  });
export type GitHubActions = ReturnType<typeof actionsOf>;
