import { readRights } from "../provider/cluster/kubernetes/objects";
import { unreadOf } from "../provider/identity/clusterAccess";
import { identityOf } from "../provider/identity/identity";
import type { Login } from "../provider/identity/login";
import { describePlaced, placedEntry, sameNameEntries } from "../provider/identity/placedEntry";
import { creatorDoubt, hasOwnEntry } from "../provider/identity/whoLogsIn";
import { absenceIn } from "../provider/reports/readCluster";
import { superuserGrants } from "../provider/rights/authorizer";
import { isDefault } from "../provider/rights/rightsOf";
import { type ClusterRights, describeGrant, loginsOfKnown } from "../provider/rights/verdicts";
import { printable } from "../provider/text/text";
import { entryData, grantData, loginData, loginLines } from "./accessData";
import { type ReportOptions, readForAnswer } from "./cluster";
import { answerCodes, answerColours, type ExitCode, renderJson, section, styled, type Terminal } from "./output";

export async function runExplain(terminal: Terminal, arn: string, options: ReportOptions): Promise<ExitCode> {
  const explanation = await explain(terminal, arn, options);
  terminal.out(options.output === "table" ? render(explanation) : renderJson(explanationData(explanation)));
  return answerCodes[explanation.answer];
}

type Explanation = Awaited<ReturnType<typeof explain>>;

async function explain(terminal: Terminal, arn: string, options: ReportOptions) {
  const identity = identityOf(arn);
  const live = await readForAnswer(options, terminal, {
    accessEntries: (entries) => entries.find(identity.arn),
    iam: "accessEntries",
    principal: identity.arn,
  });
  const absence = absenceIn(live, identity);
  const who = loginsOfKnown(live.access, identity, absence);
  const { document } = live.access;
  const sameName = sameNameEntries(document, identity);
  const shadowed = who.shadowed.flatMap((entry) => placedEntry(document, entry) ?? []);
  const isIn = who.logins.some(({ user }) => user !== undefined);
  const rights = isIn && live.apiServer !== undefined ? await readRights(live.apiServer) : undefined;
  // It may have access although it has no entry.
  const isKnown = absence !== undefined || who.logins.every(hasOwnEntry);
  const doubt = isKnown ? undefined : creatorDoubt(live.access, identity);
  const answer = doubt === undefined ? who.answer : "unknown";
  return { arn, identity, live, answer, logins: who.logins, doubt, rights, shadowed, sameName };
}

const titles = { yes: "Mapped in", no: "No access to", unknown: "Unknown in" } as const;

function render({ arn, identity, answer, logins, doubt, shadowed, sameName, live, rights }: Explanation): string {
  const given = arn.trim();
  const compared = identity.arn === given ? [] : [`  compared as ${identity.arn}`];
  const title = styled(answerColours[answer], printable(`${titles[answer]} ${live.label}:`));
  const blocks = [
    [given, ...compared].map(printable).join("\n"),
    logins.length > 1 ? `${title}\nIt cannot be determined which of these entries applies:` : title,
    ...logins.flatMap((login) => [
      loginLines(login, live.access).join("\n"),
      ...section("Bindings:", rights === undefined ? [] : bindingTexts(login, rights)),
    ]),
    ...section("Unknown:", doubt === undefined ? [] : [doubt]),
    ...section("Without effect:", shadowed.map(describePlaced)),
    ...section("Same name, different account, kind or path:", sameName.map(describePlaced)),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** The bindings of a login; Kubernetes' defaults for every authenticated user only by name. */
function bindingTexts(login: Login, { authorizer, unread }: ClusterRights): readonly string[] {
  const all = authorizer.bindingsOf(login);
  const shared = all.filter((applied) => isDefault(applied, authorizer.rulesOf(applied.binding)));
  const own = all.filter((applied) => !shared.includes(applied));
  const names = shared.map(({ binding }) => binding.role.name).join(", ");
  return [
    ...superuserGrants(login).map(() => "everything, as a member of system:masters"),
    ...own.map((applied) => {
      const rules = authorizer.rulesOf(applied.binding) === undefined ? ", whose rules are not known" : "";
      return `${describeGrant(applied)}${applied.isCertain ? "" : ", only for sessions with that username"}${rules}`;
    }),
    ...(shared.length === 0 ? [] : [`those of every authenticated user: ${names}`]),
    ...(unread === undefined ? [] : [`not known: ${unread}`]),
  ];
}

function explanationData(explanation: Explanation): object {
  const { arn, identity, answer, logins, doubt, shadowed, sameName, live, rights } = explanation;
  const { access } = live;
  return {
    arn,
    canonicalArn: identity.arn,
    answer,
    unread: unreadOf(access),
    doubt,
    bindingsUnread: rights?.unread,
    logins: logins
      .filter(({ given }) => given !== undefined)
      .map((login) => ({
        ...loginData(access.document, login),
        bindings: login.user && rights?.authorizer.bindingsOf(login).map(grantData),
      })),
    shadowed: shadowed.map((placed) => entryData(access.document, placed)),
    sameName: sameName.map((placed) => entryData(access.document, placed)),
  };
}
