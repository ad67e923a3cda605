import type { AwsAuthMap } from "../provider/awsAuthMap";
import { readResourceTypes } from "../provider/cluster/kubernetes/objects";
import { unreadOf } from "../provider/identity/clusterAccess";
import { identityOf } from "../provider/identity/identity";
import { creatorDoubt } from "../provider/identity/whoLogsIn";
import { absenceIn, type WhatToRead } from "../provider/reports/readCluster";
import { type AccessRequest, type ApiVersion, findType, type Grant } from "../provider/rights/authorizer";
import { isNamespaceName } from "../provider/rights/bindings";
import { escalationBy } from "../provider/rights/escalation";
import { rightsOf, sortRights } from "../provider/rights/rightsOf";
import { andMore } from "../provider/rights/shippedRoles";
import {
  type ClusterRights,
  canI,
  describeGrant,
  describeRequest,
  type LoginVerdict,
  whoCan,
} from "../provider/rights/verdicts";
import { printable, quoted } from "../provider/text/text";
import { givenByText, grantData, loginData, loginLines, requestData } from "./accessData";
import { type ReportOptions, readForAnswer } from "./cluster";
import {
  answerCodes,
  answerColours,
  bullet,
  CommandFailure,
  type ExitCode,
  exitCode,
  renderJson,
  renderTable,
  section,
  styled,
  type Terminal,
} from "./output";

export interface QuestionOptions extends ReportOptions {
  readonly namespace?: string;
  readonly allNamespaces?: true;
  readonly subresource?: string;
}

/** A question in the terms of `kubectl auth can-i`. */
interface Question extends QuestionOptions {
  readonly verb: string;
  /** `TYPE`, `TYPE/NAME`, or a path that starts with a slash. */
  readonly target: string;
}

const may = { yes: "may", no: "may not", unknown: "may or may not" } as const;

export async function runCanI(
  terminal: Terminal,
  arn: string,
  verb: string,
  target: string,
  options: QuestionOptions,
): Promise<ExitCode> {
  const identity = identityOf(arn);
  const question = { ...options, verb, target };
  const { arn: principal } = identity;
  const read = await readQuestion(question, terminal, { accessEntries: (all) => all.find(principal), principal });
  const { access, asked, request, rights } = read;
  const { answer, outcomes } = canI(access, identity, request, rights, absenceIn(read, identity));
  if (options.output === "table") {
    const lines = [
      styled(answerColours[answer], answer),
      "",
      printable(`${arn.trim()} ${may[answer]} ${asked}`),
      ...(outcomes.length > 1 ? ["It cannot be determined which entry applies:"] : []),
      ...outcomes.flatMap((outcome) => ["", ...loginLines(outcome, access), ...reasonsOf(outcome, read).map(bullet)]),
    ];
    terminal.out(`${lines.join("\n")}\n`);
  } else {
    const logins = outcomes.map((outcome) => verdictData(access.document, outcome, reasonsOf(outcome, read)));
    terminal.out(renderJson({ arn, request: requestData(request), answer, unread: unreadOf(access), logins }));
  }
  return answerCodes[answer];
}

type Reading = Awaited<ReturnType<typeof readQuestion>>;

function reasonsOf(outcome: LoginVerdict, { access, rights: { authorizer } }: Reading): readonly string[] {
  const { user, answer, doubt, grants } = outcome;
  if (user === undefined || answer === "yes" || doubt !== undefined) {
    return [...(doubt === undefined ? [] : [doubt]), ...grants.map(describeGrant)];
  }
  const escalation = escalationBy(sortRights(rightsOf(outcome, authorizer)), access.mode);
  return authorizer.bindingsOf(outcome).length === 0
    ? ["no binding refers to the username or any of the groups"]
    : [
        'no binding or access policy allows it; "explain" lists the bindings and policies of the identity',
        ...(escalation === undefined ? [] : [`but the identity ${escalation}`]),
      ];
}

export async function runWhoCan(
  terminal: Terminal,
  verb: string,
  target: string,
  options: QuestionOptions,
): Promise<ExitCode> {
  const question = { ...options, verb, target };
  const read = await readQuestion(question, terminal, { accessEntries: (entries) => entries.all() });
  const { access, label, request, asked, rights } = read;
  const { document } = access;
  if (rights.unread !== undefined) {
    throw new CommandFailure(`it is unknown who can ${asked} in ${label}: ${rights.unread}`);
  }
  const candidates = whoCan(access, request, rights);
  const certain = candidates.filter(({ verdict }) => verdict.answer === "yes");
  const doubtful = candidates.filter(({ verdict }) => verdict.answer === "unknown");
  const unread = unreadOf(access);
  const doubt = creatorDoubt(access);
  const isAll = doubtful.length === 0 && unread === undefined && doubt === undefined;
  if (options.output === "table") {
    const none = `No identity in ${label} can ${isAll ? "" : "definitely "}${asked}.`;
    const doubts = section("Unknown:", [
      ...doubtful.map((candidate) => doubtText(document, candidate)),
      ...(doubt === undefined ? [] : [doubt]),
    ]);
    terminal.out(certain.length === 0 ? `${printable(none)}\n` : grantTable(document, certain, rights));
    terminal.out(doubts.map((text) => `\n${text}\n`).join(""));
  } else {
    const identities = [...certain, ...doubtful].map(({ identity, verdict: { answer, outcomes } }) => ({
      identity,
      answer,
      logins: outcomes.map((outcome) => verdictData(document, outcome)),
    }));
    terminal.out(renderJson({ request: requestData(request), unread, doubt, identities }));
  }
  return certain.length > 0 ? exitCode.done : isAll ? exitCode.found : exitCode.failed;
}

function verdictData(document: AwsAuthMap, verdict: LoginVerdict, reasons?: readonly string[]): object {
  const { answer, grants } = verdict;
  return { ...loginData(document, verdict), answer, reasons, grants: grants.map(grantData) };
}

type Candidate = ReturnType<typeof whoCan>[number];

/** One row for each grant, since all of them must be removed to revoke a right. */
function grantTable(document: AwsAuthMap, candidates: readonly Candidate[], rights: ClusterRights): string {
  const rows = candidates.flatMap(({ identity, verdict }) =>
    verdict.outcomes.flatMap((outcome) =>
      outcome.grants.map((grant) => [identity, givenByText(document, outcome), ...cellsOf(grant, rights)]),
    ),
  );
  return renderTable(["IDENTITY", "ENTRY", "THROUGH", "BINDING", "ROLE"], rows);
}

function cellsOf({ subject, binding }: Grant, { authorizer }: ClusterRights): readonly string[] {
  const through = subject.kind === "AccessEntry" ? "access entry" : `${subject.kind}/${subject.name}`;
  if (binding === undefined) {
    return [through, "not required", "everything"];
  }
  const { kind, name, namespace, role } = binding;
  const more = andMore({ binding }, authorizer.rulesOf(binding));
  return [through, `${kind}/${namespace === "" ? "" : `${namespace}/`}${name}`, `${role.kind}/${role.name}${more}`];
}

function doubtText(document: AwsAuthMap, { identity, verdict }: Candidate): string {
  const byReason = Map.groupBy(verdict.outcomes, ({ doubt, answer }) => doubt ?? answer);
  const reasons = [...byReason].map(([reason, outcomes]) => {
    return `${outcomes.map((outcome) => givenByText(document, outcome)).join(" or ")}: ${reason}`;
  });
  return `${identity}: ${reasons.join("; ")}`;
}

async function readQuestion(question: Question, terminal: Terminal, what: WhatToRead) {
  assertUsage(question);
  const live = await readForAnswer(question, terminal, { ...what, iam: "accessEntries", rights: true });
  const { apiServer, label, rights } = live;
  if (apiServer === undefined || rights === undefined) {
    throw new CommandFailure(`${label} has no bindings and no roles; use --cluster or --kubeconfig instead`);
  }
  const versions = question.target.startsWith("/") ? [] : await readResourceTypes(apiServer);
  if (versions === undefined) {
    throw unknown(`${apiServer.label} does not list its resource types`);
  }
  const request = requestOf(question, versions, apiServer.namespace);
  const scope = "path" in request || !question.allNamespaces ? "" : " in all namespaces";
  return { ...live, request, asked: `${describeRequest(request)}${scope}`, rights };
}

function assertUsage({ target, namespace, subresource }: Question): void {
  if (namespace !== undefined && !isNamespaceName(namespace)) {
    const rule = 'use at most 63 lowercase letters, digits and "-"';
    throw new CommandFailure(`--namespace ${quoted(namespace)} is not a valid namespace name; ${rule}`);
  }
  if (target.startsWith("/") && subresource !== undefined) {
    throw new CommandFailure(`--subresource ${quoted(subresource)} cannot be combined with a URL path; remove it`);
  }
  if (!/^(?:[^/]+(?:\/.+)?|\/.*)$/.test(target)) {
    throw new CommandFailure(`type ${quoted(target)} is not valid; use TYPE, TYPE.GROUP, TYPE/NAME, or a URL path`);
  }
}

/** @throws CommandFailure for what the server does not have, since "no" would hide a spelling mistake. */
export function requestOf(
  { verb, target, subresource = "", namespace, allNamespaces }: Question,
  versions: readonly ApiVersion[],
  contextNamespace: string,
): AccessRequest {
  const verbs = target.startsWith("/") ? urlVerbs : resourceVerbs;
  if (!verbs.includes(verb)) {
    throw unknown(`the server has no verb ${quoted(verb)}; valid verbs: ${verbs.join(", ")}`);
  }
  if (target.startsWith("/")) {
    return { verb, path: target };
  }
  const [type = "", ...names] = target.split("/");
  const name = names.join("/");
  const found = type === "*" ? undefined : findType([...unlistedTypes, ...versions], type);
  if (type !== "*" && found === undefined) {
    throw unknown(`the server has no resource type ${quoted(type)}; "kubectl api-resources" lists them`);
  }
  if (found !== undefined && !["", "*", ...found.subresources].includes(subresource)) {
    const known = found.subresources.join(", ") || "none";
    throw unknown(
      `the server has no subresource ${quoted(subresource)} of ${found.name}; valid subresources: ${known}`,
    );
  }
  const { group = "", name: resource = type, isNamespaced = true } = found ?? {};
  const asked = allNamespaces ? "" : (namespace ?? contextNamespace);
  // The API server treats a request for a namespace object as one in that namespace.
  const itself = group === "" && resource === "namespaces" ? name : "";
  return { verb, group, resource, subresource, name, namespace: isNamespaced ? asked : itself };
}

function unknown(reason: string): CommandFailure {
  return new CommandFailure(`unknown: ${reason}`);
}

/** The resources of the verbs impersonate and approve, which rules name but no server lists. */
const unlistedTypes = ["users.", "groups.", "signers.certificates.k8s.io"].map((type) => {
  const [name = "", ...group] = type.split(".");
  const resource = { name, singular: name, shortNames: [], isNamespaced: false, subresources: [] };
  return { group: group.join("."), version: "v1", resources: [resource] };
});

const resourceVerbs = [
  ...["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"],
  ...["use", "bind", "impersonate", "*", "approve", "sign", "escalate", "attest"],
];

const urlVerbs = ["get", "put", "post", "head", "options", "delete", "patch", "*"];
