import { expect } from "vitest";
import { remove, update } from "../../provider/lifecycle/apply.ts";
import { parseState } from "../../provider/lifecycle/state.ts";
import { placeNames, type Refusal } from "../../provider/lifecycle/types.ts";
import type { Lockout } from "../../provider/rights/lockout.ts";
import { adminPolicy } from "../support/accessEntries.ts";
import { dev, it } from "../support/lifecycle/fixture.ts";
import { type Program, runOn, Stack } from "../support/lifecycle/stack.ts";
import { entryText, roleArn, roleOf, type World } from "../support/lifecycle/world.ts";

// No mapping has the access entry of another type of nodes.
type Code = Refusal["code"] | Exclude<Lockout, "EC2" | "HYPERPOD_LINUX"> | "rival" | "translation";
type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A part of each refusal's message. */
const problems: Readonly<Record<string, string>> = {
  mapped: "is already mapped",
  takenOver: 'was taken over by "infra/others dev"',
  shared: 'is also managed by "infra/others dev"',
  overridden: "but an access entry takes precedence",
  noRole: "has an access entry that this mapping does not own, and that grants no access",
  unclaimed: "has a node entry that no Pulumi resource claims",
  duplicate: "has 2 entries",
  foreign: "has an access entry that this resource cannot manage",
  clusterMode: "is not supported by the cluster, whose mode is",
  twoSteps: "authenticationMode cannot change to",
  contentChanges: "changes both its authenticationMode and its content",
  contentIgnored: "while ignoreChanges includes username or groups",
  staysFirst: "must have an entry in aws-auth before its authenticationMode can change",
  staysUnproven: "does not match the state",
  staysDead: "was recreated after its access entry",
  staysNoRole: "since the role or user of its access entry does not exist in IAM",
  staysDuplicate: "since it has several entries in aws-auth",
  justWritten: "since this run has just written its",
  leftBehind: "an interrupted run left an",
  changedOutside: "was changed outside Pulumi",
  successorFailed: "because another mapping of the same identity failed in this run",
  policies:
    "would also remove access policies that this mapping did not associate (AmazonEKSViewPolicy (similar to view, everywhere))",
  administrator: "the last administrator of",
  EC2_LINUX: "the last role for Linux nodes of",
  EC2_WINDOWS: "the last role for Windows nodes of",
  FARGATE_LINUX: "the last role for Fargate nodes of",
  HYBRID_LINUX: "the last role for hybrid nodes of",
  caller: "the identity of this run",
  rival: 'is also mapped by resource "dev" in this program',
  translation: "which EKS refuses in access entries",
} satisfies Record<Code, string>;

/** The remedies in the messages. */
const remedies: Readonly<Record<string, string>> = {
  adopt: "set adopt: true to take over this entry",
  adoptNodes: "set adopt: true to take it over (deleting the mapping then removes the entry)",
  adoptAsOne: "set adopt: true to replace them with one",
  adoptAgain: "set adopt: true to recreate the entry without them",
  adoptBoth: "set authenticationMode: API_AND_CONFIG_MAP and adopt: true to take it over",
  removeOverridden: "remove this mapping (the access entry is kept)",
  deleteAccessEntry: "delete the access entry",
  correctArn: "correct the ARN",
  createRole: "create the role or user and set adopt: true",
  createRoleFirst:
    'create the role or user first, then set authenticationMode to API_AND_CONFIG_MAP and run "pulumi up"',
  upInBothAgain: 'set authenticationMode to API_AND_CONFIG_MAP and run "pulumi up" first, to recreate the access entry',
  removeIt: "remove it",
  removeEntry: "remove this entry",
  removeOtherContents: 'remove them (one with username "dev", groups ["viewers"] may remain)',
  removeAccessEntry: "remove the access entry",
  removeMapping: "remove the mapping",
  removeMappingAlone: "remove this mapping (the entry is kept)",
  removeOtherMapping: "remove the other mapping",
  removeOtherMappings: "remove the others",
  removeOneMapping: "remove one of them, because only one entry takes effect",
  changeAll: "change all of these mappings, with adopt: true on the one that you update first",
  useMap: "set authenticationMode to CONFIG_MAP",
  useMapInstead: "set authenticationMode to CONFIG_MAP for this mapping",
  useEntries: "set authenticationMode to API",
  changeCluster:
    "change accessConfig.authenticationMode of the aws.eks.Cluster to API_AND_CONFIG_MAP first (this cannot be undone)",
  oneChange: 'make one change, run "pulumi up", then make the other',
  notIgnored: 'remove them from ignoreChanges, run "pulumi up", then change the mode',
  earlierMode: 'run "pulumi up" with the old mode first',
  earlierModeAsOne: 'run "pulumi up" with the old mode and adopt: true first, to reduce them to one',
  bothFirst: 'set it to API_AND_CONFIG_MAP and run "pulumi up" first',
  upInBoth: 'set authenticationMode to API_AND_CONFIG_MAP and run "pulumi up" first',
  upOnceInBoth: 'set authenticationMode to API_AND_CONFIG_MAP and run "pulumi up" once',
  upAgain: 'run "pulumi up" again',
  fixFirst: 'correct that mapping, then run "pulumi up" again',
  refresh: 'run "pulumi refresh", then try again',
  adoptFirst: 'run "pulumi up" with adopt: true first',
  refreshOne: 'remove all but one, run "pulumi refresh", then try again',
  disassociate: "disassociate them first",
  mapAnother: "map another one first",
  unprotected: 'allow this change with "AWS_AUTH_LOCKOUT_PROTECTION=off pulumi destroy" (or "pulumi up")',
  unprotectedUp: 'allow this change with "AWS_AUTH_LOCKOUT_PROTECTION=off pulumi up"',
  otherCredentials: "use other credentials",
  otherGroup: "use another group with the same bindings",
};

const takenOver = { removeMappingAlone: "program", removeOtherMapping: "others" };
const duplicates = (rest: string) => ({ adoptAsOne: "program dev+adopt", removeOtherContents: `map ${rest}` });
const inMap = { useMap: "program dev", changeCluster: "cluster both" };
const bothFirst = { bothFirst: "up dev/both" };
const lockedOut = (another: string) => ({ mapAnother: `others ${another}+second`, unprotected: "unprotected" });

/**
 * What happens before `=>`, the refused program, and the {@link remedies} in the order of the message, each with what a user does to follow
 * it. The words are those of {@link acts} and {@link programOf}.
 */
const refusals: Readonly<Record<Code, Table>> = {
  mapped: {
    "map ops => dev": { adopt: "program dev+adopt", removeIt: "map" },
    "others ops => dev": { adopt: "program dev+adopt", removeIt: "others" },
    "up dev => &ops": { adopt: "program &ops+adopt", removeIt: "up" },
    "entry dev => dev/API": { adopt: "program dev/API+adopt", removeIt: "noEntry" },
    "map ops => dev/API": { adopt: "program dev/API+adopt", removeIt: "map" },
    "entry ops => dev": { removeEntry: "noEntry" },
    "up dev; others other/API+adopt => ops": { removeEntry: "others" },
    "up ops/API; forget => dev": { removeEntry: "noEntry" },
    "entry dev; role => dev/API": { adopt: "program dev/API+adopt", removeIt: "noEntry" },
  },
  takenOver: {
    "up dev; others ops+adopt => dev": takenOver,
    "up dev/API; others dev/API+adopt => dev/API": takenOver,
  },
  shared: {
    "up dev; others dev => ops": { changeAll: "up ops+adopt; others ops", removeOtherMappings: "others" },
  },
  overridden: {
    "up dev; entry ops => dev": {
      removeOverridden: "program",
      deleteAccessEntry: "noEntry",
      adoptBoth: "program dev/both+adopt",
    },
    // Its own entry is also behind another one of the map.
    "up dev; map dev ops; entry ops => dev": {
      removeOverridden: "program",
      deleteAccessEntry: "noEntry",
      adoptBoth: "program dev/both+adopt",
    },
  },
  noRole: {
    "entry ops; noRole => dev/API": { correctArn: "program dev/API+second", createRole: "role; program dev/API+adopt" },
  },
  unclaimed: { "map nodes => nodes": { adoptNodes: "program nodes+adopt" } },
  duplicate: {
    "map ops other => dev": duplicates(""),
    "map dev ops => dev": duplicates("dev"),
    "up ops; map other ops => dev": duplicates(""),
  },
  foreign: { "entry dev typed => dev/API": { removeMapping: "program", removeAccessEntry: "noEntry" } },
  clusterMode: {
    "cluster map => dev/API": inMap,
    "cluster map; up dev => dev/both": inMap,
    "up dev; cluster API => ops": { useEntries: "program ops/API" },
    "up dev/both; cluster API => dev": { useEntries: "program dev/API" },
  },
  twoSteps: { "up dev => dev/API": bothFirst, "up dev/API => dev": bothFirst },
  contentChanges: { "up dev => ops/both": { oneChange: "up ops" }, "up ops => dev/both": { oneChange: "up ops/both" } },
  contentIgnored: { "up dev+ignored; map ops => dev/both+ignored": { notIgnored: "up dev; program dev/both" } },
  staysFirst: { "up dev; map ops => dev/both": { earlierMode: "up dev" } },
  staysUnproven: { "up dev/both; noEntry => dev/API": { upInBoth: "up dev/both" } },
  staysDead: { "up dev/both; role => dev/API": { upInBothAgain: "up dev/both" } },
  staysNoRole: { "up dev/both; noRole => dev/API": { createRoleFirst: "role; up dev/both" } },
  staysDuplicate: { "up dev/both; map dev ops => dev": { earlierModeAsOne: "up dev/both+adopt" } },
  justWritten: { "up dev/both => dev/API afterWrite": { upAgain: "" } },
  leftBehind: { "up dev/API; forget => dev": { upOnceInBoth: "up dev/both" } },
  changedOutside: {
    "up dev; map ops => none": { refresh: "refresh" },
    "up dev; map ops other => none": { refreshOne: "map ops; refresh" },
    "up dev/both; entry ops => dev": { upInBoth: "up dev/both" },
    "up dev/API; entry ops untagged => none": { deleteAccessEntry: "noEntry", adoptFirst: "up dev/API+adopt" },
  },
  successorFailed: { "up dev => &dev afterFailure": { fixFirst: "" } },
  policies: {
    "up dev/API; entry dev View => none": { disassociate: "entry dev" },
    "up dev/API; entry dev View; role => dev/API": { disassociate: "entry dev", adoptAgain: "program dev/API+adopt" },
  },
  administrator: {
    "up admin => none": lockedOut("admin"),
    "up admin => dev": { mapAnother: "others admin+second", unprotectedUp: "unprotected" },
  },
  EC2_LINUX: { "up nodes => none": lockedOut("nodes") },
  EC2_WINDOWS: { "up windows => none": lockedOut("windows") },
  FARGATE_LINUX: { "up pods => none": lockedOut("pods") },
  HYBRID_LINUX: { "up hybrid => none": lockedOut("hybrid") },
  caller: { "up dev; runAs dev => none": { otherCredentials: "runAs second", unprotected: "unprotected" } },
  rival: { "=> dev&ops": { removeOneMapping: "program dev" }, "=> dev&other": { removeOneMapping: "program &other" } },
  translation: {
    "=> reserved/both": { otherGroup: "program dev/both", useMapInstead: "program reserved" },
    "cluster API => reserved/API": { otherGroup: "program dev/API" },
    "up dev/API => reserved/API": { otherGroup: "program ops/API" },
  },
};

const contents: Readonly<Record<string, string>> = {
  dev: "dev: viewers",
  ops: "dev: ops",
  other: "dev: other",
  admin: "dev: system:masters",
  nodes: "system:node:{{EC2PrivateDNSName}}: system:bootstrappers, system:nodes",
  windows: "system:node:{{EC2PrivateDNSName}}: system:bootstrappers, system:nodes, eks:kube-proxy-windows",
  hybrid: "system:node:{{SessionName}}: system:bootstrappers, system:nodes",
  pods: "system:node:{{SessionName}}: system:bootstrappers, system:nodes, system:node-proxier",
  reserved: "dev: system:reserved",
};
const modeOf = (word = "map") => (word === "API" ? word : word === "map" ? "CONFIG_MAP" : "API_AND_CONFIG_MAP");

/** A program with the resources "dev" and "again", such as `dev/API+adopt&ops`: each has a content, a mode and flags. */
function programOf(text = ""): Program {
  const resources = text.split("&").flatMap((each, index) => {
    const [, name = "", mode] = /^(\w*)(?:\/(\w+))?/.exec(each) ?? [];
    const mapping = { ...roleOf("dev", contents[name]), arn: roleArn(each.includes("+second") ? "second" : "dev") };
    const inputs = { ...mapping, adopt: each.includes("+adopt"), authenticationMode: modeOf(mode) };
    return name in contents ? [[index === 0 ? "dev" : "again", inputs] as const] : [];
  });
  return { mappings: Object.fromEntries(resources), ignoreChanges: text.includes("+ignored") ? ["groups"] : [] };
}

/** A stack, and the stack of another team on the same cluster. */
type Team = Readonly<{ world: World; stack: Stack; others: Stack }>;

const succeed = async (stack: Stack, program: Program) => expect(await stack.up(program)).toEqual([]);

/** What happens or what a user does, by its first word. Returns what changes in the program. */
const acts: Readonly<Record<string, (team: Team, words: readonly string[]) => unknown>> = {
  "": () => undefined,
  up: ({ stack }, [program]) => succeed(stack, programOf(program)),
  others: ({ others }, [program]) => succeed(others, programOf(program)),
  program: (_team, [program]) => programOf(program),
  unprotected: () => ({ env: { AWS_AUTH_LOCKOUT_PROTECTION: "off" } }),
  refresh: ({ stack }) => stack.refresh(),
  // A killed run does not save its state.
  forget: ({ stack }) => stack.states.clear(),
  map: ({ world }, names) => {
    world.edit(() => names.map((name) => entryText("dev", contents[name])).join("") || "[]\n");
  },
  entry: ({ world }, [name = "", ...more]) => {
    const { username, groups } = roleOf("dev", contents[name]);
    const view = { ...adminPolicy, policyArn: adminPolicy.policyArn.replace("ClusterAdmin", "View") };
    const policies = more.includes("View") ? [view] : [];
    const type = more.includes("typed") ? "HYBRID_LINUX" : "STANDARD";
    const tags = more.includes("untagged") ? { tags: {} } : {};
    world.put("dev", { ...[...world.entries.values()][0], username, groups, policies, type, ...tags });
  },
  noEntry: ({ world }) => world.empty("entries"),
  role: ({ world }) => world.recreate(dev.arn),
  noRole: ({ world }) => world.recreate(dev.arn, true),
  cluster: ({ world }, [mode]) => {
    world.mode = modeOf(mode);
  },
  runAs: ({ world }, [name = ""]) => {
    world.caller = { arn: roleArn(name), username: name, groups: ["viewers"] };
  },
};

async function act(team: Team, text: string): Promise<Partial<Program>> {
  let change = {};
  for (const [name = "", ...words] of text.split(/; */).map((each) => each.split(" "))) {
    expect(Object.keys(acts)).toContain(name);
    change = { ...change, ...Object(await acts[name]?.(team, words)) };
  }
  return change;
}

/** Runs the program, or writes the resource of the stack in a run in which something else happened. */
async function runRefused({ world, stack }: Team, program: Program, after: string | undefined) {
  const { id = "", inputs = {}, outs = {} } = stack.states.get("dev") ?? {};
  const run = runOn(world);
  const { cluster } = (await run.locate(inputs["cluster"])).session;
  const failuresOf = (written: Promise<unknown>) => written.then(() => []).catch((error: Error) => [error.message]);
  if (after === "afterWrite") {
    run.program.wrote(cluster, dev.arn, "entries");
    return failuresOf(update(run, id, parseState(outs), parseState({ ...inputs, ...program.mappings["dev"] })));
  }
  if (after === "afterFailure") {
    await failuresOf(run.program.attempt(cluster, dev.arn, "other", () => Promise.reject(new Error("failed"))));
    return failuresOf(remove(run, parseState(outs)));
  }
  // Most refusals are in the preview, before anything is written.
  const { refused } = await stack.preview(program);
  return refused.length > 0 ? refused : stack.up(program);
}

const cases = Object.entries(refusals).flatMap(([code, table]) =>
  Object.entries(table).flatMap(([row, offered]) =>
    Object.entries(offered).map(([remedy, steps]) => ({ code, row, remedy, steps, all: Object.keys(offered) })),
  ),
);

it.for(cases)("the refusal $code of $row: $remedy", async ({ code, row, steps, all }, { world, stack }) => {
  const team = { world, stack, others: new Stack(world, "others") };
  const [before = "", program = "", after] = row.split(/ *=> | (?=after)/);
  await act(team, before);
  const [message = "", ...more] = await runRefused(team, programOf(program), after);
  expect([message, more]).toEqual([expect.stringContaining(problems[code] ?? "none"), []]);
  expect(
    message
      .split("; ")
      .at(-1)
      ?.replace(/another .+ first/, "another one first"),
  ).toBe(all.map((name) => remedies[name]).join(", or "));
  const next = { ...programOf(program), ...(await act(team, steps)) };
  await succeed(stack, next);
  const { steps: kinds } = await stack.preview(next);
  expect(Object.values(kinds)).toEqual(Object.keys(next.mappings).map(() => "same"));
  const [mapping = {}] = Object.values(next.mappings);
  for (const place of placeNames.filter((name) => name === "entries" || world.mode !== "API")) {
    const isDeclared = parseState(mapping).mapping !== undefined && parseState(mapping).places.includes(place);
    expect(world.claimsIn(place).some((claim) => claim.includes("infra/prod"))).toBe(isDeclared);
    if (isDeclared) {
      const { arn, username, groups } = mapping;
      expect(world.contentsIn(place, String(arn).split("/").at(-1) ?? "").at(-1)).toBe(
        `${username}: ${[groups].flat().join(", ")}`,
      );
    }
  }
});
