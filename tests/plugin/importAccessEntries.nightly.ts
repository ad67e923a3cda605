import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { EntryContent } from "../support/eks/ownEntries.ts";
import type { AuthenticationMode } from "../support/eks/state.ts";
import { sample } from "../support/nightly.ts";
import { PluginRun } from "../support/plugin/pluginRun.ts";
import { unfolded } from "../support/unfolded.ts";
import { startApiServer } from "../unit/cluster/apiServer.ts";
import { account, type EntriesWorld, entriesWorld } from "../unit/cluster/eks/entriesWorld.ts";
import { temporaryDirectory } from "../unit/cluster/support.ts";

const iam = (resource: string) => `arn:aws:iam::${account}:${resource}`;
const opsArn = iam("role/teams/ops");
const inMap = (role: string, username: string, ...groups: string[]) =>
  `- rolearn: ${iam(`role/${role}`)}\n  username: ${username}\n  groups: ${JSON.stringify(groups)}\n`;

describe("an import through the plugin", () => {
  let world: EntriesWorld;
  let clusters = 0;
  let name: string;

  beforeEach(async () => {
    world = await entriesWorld("API");
    world.aws.principals.create(opsArn);
    world.aws.principals.create(iam("user/people/ann"));
  });

  /** A new cluster with this map, or these mapRoles, and this access entry of the role "ops". */
  async function cluster(
    map: string | Readonly<Record<string, string>>,
    entry: EntryContent | undefined,
    authenticationMode: AuthenticationMode = "API_AND_CONFIG_MAP",
  ): Promise<void> {
    const api = await startApiServer(typeof map === "string" ? { mapRoles: map || "[]\n" } : map);
    name = `c${++clusters}`;
    world.aws.addCluster({ name, endpoint: api.url, authenticationMode });
    if (entry !== undefined) {
      world.aws.addServiceEntry(name, opsArn, entry);
    }
  }

  async function start(authenticationMode: AuthenticationMode | undefined): Promise<PluginRun> {
    const mode = authenticationMode && { authenticationMode };
    const run = await PluginRun.start(await temporaryDirectory(), { cluster: name, region: "eu-central-1", ...mode });
    onTestFinished(() => run.plugin.stop());
    return run;
  }

  /** What an import finds, and what the next run says of the program that it prints; else why it is refused. */
  async function imported(mode: AuthenticationMode | undefined, id: string) {
    const run = await start(mode);
    try {
      const found = await run.read("x", { id, inputs: {}, outs: {} });
      // As the engine does, which passes no outputs.
      const checked = found && (await run.check("x", found.inputs, { ...found, outs: {} }));
      await run.plugin.end();
      const told = unfolded(run.plugin.stderr);
      if (found === undefined) {
        return { found, refusal: undefined, told };
      }
      expect(checked?.failures).toEqual([]);
      const next = await start(mode);
      const read = await next.read("x", found);
      const { inputs, failures } = await next.check("x", found.inputs, read);
      const changes = failures.length > 0 ? failures : await next.diff("x", read ?? found, inputs);
      await next.plugin.end();
      return { found, changes, refusal: undefined, told, toldNext: unfolded(next.plugin.stderr) };
    } catch (error) {
      return { found: undefined, refusal: unfolded(error instanceof Error ? error.message : String(error)), told: "" };
    }
  }

  const standard = { type: "STANDARD", username: "ops", groups: ["operators"] };
  const admins = { ...standard, policies: ["AmazonEKSClusterAdminPolicy"] };
  const ownName = `arn:aws:sts::${account}:assumed-role/ops/{{SessionName}}`;

  const contents: readonly [title: string, entry: EntryContent, inputs: object][] = [
    ["groups", standard, { username: "ops", groups: ["operators"] }],
    ["an administrator's policy", admins, { username: "ops", groups: ["operators", "system:masters"] }],
    ["the name that EKS gives", { type: "STANDARD", groups: ["operators"] }, { groups: ["operators"] }],
    ["that name, and no groups", { type: "STANDARD" }, { username: ownName }],
    [
      "nodes",
      { type: "EC2_LINUX" },
      { username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:bootstrappers", "system:nodes"] },
    ],
    [
      "Windows nodes",
      { type: "EC2_WINDOWS" },
      {
        username: "system:node:{{EC2PrivateDNSName}}",
        groups: ["system:bootstrappers", "system:nodes", "eks:kube-proxy-windows"],
      },
    ],
  ];
  it.each(sample(contents, 2))(
    "finds an access entry with %s, in code that changes nothing",
    async (_title, entry, said) => {
      await cluster("", entry);
      const before = structuredClone(world.aws.entry(name, opsArn));
      const ids = [
        ["API", iam("role/ops")],
        [undefined, `API:eks:eu-central-1/${account}/${name}/${iam("role/ops")}`],
        ["API", opsArn],
      ] as const;
      for (const [mode, id] of sample(ids)) {
        const { found, ...rest } = await imported(mode, id);
        // The next run knows that the mapping is there already, so that it tells nothing of it.
        expect({ id, ...rest }).toEqual({ id, changes: undefined, refusal: undefined, told: "", toldNext: "" });
        const place = { name, region: "eu-central-1", account };
        expect(found).toEqual({
          id: `eks:eu-central-1/${account}/${name}/${iam("role/ops")}`,
          inputs: {
            arn: opsArn,
            ...said,
            ...(mode === undefined && { authenticationMode: "API", cluster: place }),
          },
          outs: {
            arn: iam("role/ops"),
            ...said,
            authenticationMode: "API",
            cluster: place,
            __accessEntry: { principalArn: opsArn, isMade: true },
          },
        });
      }
      expect(world.aws.entry(name, opsArn)).toEqual(before);
    },
  );

  it("makes an access entry the stack's own, which a delete removes unless others want it", async () => {
    await cluster("", standard);
    const deleted = async () => {
      const { found } = await imported("API", opsArn);
      await (await start("API")).delete("x", found ?? { id: "", inputs: {}, outs: {} });
      return world.aws.entry(name, opsArn) === undefined;
    };
    expect(await deleted()).toBe(true);
    const tags = { "pulumi-aws-auth/claims/c0ffee": "o/other/s x" };
    world.aws.addServiceEntry(name, opsArn, { ...standard, tags });
    expect(await deleted()).toBe(false);
  });

  it("finds a user with path and all", async () => {
    await cluster("", undefined);
    const arn = iam("user/people/ann");
    world.aws.addServiceEntry(name, arn, { type: "STANDARD", username: "ann", groups: ["x"] });
    const { found, changes } = await imported("API", arn);
    expect([found?.inputs, changes]).toEqual([{ arn, username: "ann", groups: ["x"] }, undefined]);
  });

  it("finds what is kept in both, which has to say the same", async () => {
    await cluster(inMap("ops", "ops", "operators"), standard);
    const { found, changes } = await imported("API_AND_CONFIG_MAP", opsArn);
    expect(changes).toBeUndefined();
    expect(found).toMatchObject({
      inputs: { arn: opsArn, username: "ops", groups: ["operators"] },
      outs: { authenticationMode: "API_AND_CONFIG_MAP", __accessEntry: { principalArn: opsArn } },
    });
    await cluster(inMap("ops", "ops", "others"), standard);
    expect((await imported("API_AND_CONFIG_MAP", opsArn)).refusal).toBe(
      `arn "${iam("role/ops")}" is kept in both: aws-auth says username "ops", groups ["others"], and its access entry, which takes precedence, says username "ops", groups ["operators"]; make them agree, or import one of them by an ID that begins with "CONFIG_MAP:" or "API:"`,
    );
  });

  const elsewhere: readonly [
    AuthenticationMode | undefined,
    "map" | "entry",
    missing: string,
    there: string,
    id: string,
  ][] = [
    ["API", "map", "access entry", "an entry in aws-auth", "CONFIG_MAP"],
    ["API_AND_CONFIG_MAP", "map", "access entry", "an entry in aws-auth", "CONFIG_MAP"],
    ["API_AND_CONFIG_MAP", "entry", "entry in aws-auth", "an access entry", "API"],
    [undefined, "entry", "entry in aws-auth", "an access entry", "API"],
  ];
  it.each(sample(elsewhere, 2))(
    "in mode %s says where a mapping is that is kept in the %s alone",
    async (mode, where, missing, there, as) => {
      await cluster(where === "map" ? inMap("ops", "ops", "operators") : "", where === "entry" ? standard : undefined);
      const { refusal } = await imported(mode, iam("role/ops"));
      expect(refusal).toBe(
        `arn "${iam("role/ops")}" has no ${missing}, but ${there}; to import that, give the ID "${as}:${iam("role/ops")}"`,
      );
      const { found, changes, refusal: again } = await imported(mode, `${as}:${iam("role/ops")}`);
      expect({ again, changes }).toEqual({ again: undefined, changes: undefined });
      expect(found?.inputs["authenticationMode"]).toBe(as);
    },
  );

  it.each(sample([undefined, "API", "API_AND_CONFIG_MAP"] as const))(
    "in mode %s finds nothing where there is nothing",
    async (mode) => {
      await cluster(inMap("other", "other"), undefined);
      expect(await imported(mode, opsArn)).toMatchObject({ found: undefined, refusal: undefined });
    },
  );

  const others = [
    ["CONFIG_MAP", /has an access entry too, which takes precedence over its entry in aws-auth and is not imported/],
    ["API", /has an entry in aws-auth too, which counts as soon as its access entry goes and is not imported/],
  ] as const;
  it.each(sample(others))("in mode %s tells of the other entry of a mapping", async (mode, told) => {
    await cluster(inMap("ops", "ops", "operators"), standard);
    const outcome = await imported(mode, opsArn);
    expect(outcome.refusal).toBeUndefined();
    expect(outcome.told).toMatch(told);
  });

  it("refuses what no mapping says, and what it would have to guess", async () => {
    await cluster("", { ...standard, policies: ["AmazonEKSViewPolicy"] });
    expect((await imported("API", opsArn)).refusal).toBe(
      `the access entry of arn "${opsArn}" says username "ops", groups ["operators"], policy AmazonEKSViewPolicy (cluster), which no mapping says; leave it to whoever made it, or manage it with another resource`,
    );
    const other = iam("role/old/ops");
    world.aws.principals.delete(opsArn);
    world.aws.principals.create(other);
    world.aws.addServiceEntry(name, other, standard);
    expect((await imported("API", iam("role/ops"))).refusal).toMatch(
      /has 2 access entries for arn ".*role\/ops": of ".*ops" and ".*ops"; give the ARN with the role's path$/,
    );
    expect((await imported("API", other)).found?.outs).toMatchObject({ __accessEntry: { principalArn: other } });
  });

  const spellings: readonly [title: string, map: Readonly<Record<string, string>>, id: string, inputs: object][] = [
    [
      "another spelling of the ARN",
      { mapRoles: inMap("ops", "ops", "x").replace(":role/", ":Role/") },
      iam("role/ops"),
      { arn: iam("role/ops"), username: "ops", groups: ["x"] },
    ],
    [
      "a role that is named like an account",
      { mapRoles: inMap("444455556666", "ops", "x") },
      iam("role/444455556666"),
      { arn: iam("role/444455556666"), username: "ops", groups: ["x"] },
    ],
    [
      "an account, beside a role without its ARN",
      { mapRoles: '- rolearn: "444455556666"\n  username: ops\n', mapAccounts: '- "444455556666"\n' },
      "444455556666",
      { account: "444455556666", noDuplicateARNs: false },
    ],
    [
      "what an access entry overrides",
      { mapRoles: inMap("ops", "ops", "others") },
      `API:${opsArn}`,
      { arn: opsArn, authenticationMode: "API", username: "ops", groups: ["operators"] },
    ],
  ];
  it.each(spellings)("finds %s, in code that changes nothing", async (_title, map, id, inputs) => {
    await cluster(map, id.startsWith("API:") ? standard : undefined);
    const { found, changes } = await imported(undefined, id);
    expect({ inputs: found?.inputs, changes }).toEqual({ inputs, changes: undefined });
  });

  const way = "correct it, or declare a mapping with adopt: true in place of the import, which corrects it";
  const undeclarable: readonly [title: string, mapRoles: string, entry: EntryContent | undefined, refusal: string][] = [
    [
      "an entry that says nothing",
      `- rolearn: ${iam("role/ops")}\n`,
      undefined,
      `neither username nor groups are set for arn "${iam("role/ops")}"; set username, groups or both; ${way}`,
    ],
    [
      "an entry with a role's path, beside an access entry",
      inMap("teams/ops", "ops", "x"),
      standard,
      `write "${iam("role/ops")}"; ${way}, or import its access entry by the ID "API:${iam("role/ops")}"`,
    ],
    [
      "an entry for a permission set",
      `${inMap("ops", "ops", "x")}  sso: { permissionSetName: Ops, accountID: "${account}" }\n`,
      undefined,
      "cannot be imported: it has both rolearn and sso; correct or remove it",
    ],
    [
      "an ARN that nobody has",
      inMap("ops", "ops", "x").replace(account, "ACCOUNT"),
      undefined,
      "expand it first; correct or remove it",
    ],
    [
      "what cannot be seen",
      inMap("ops", "ops", "a\u00adb"),
      undefined,
      '"a\\u00adb" has characters that cannot be seen; in place of the import, declare a mapping that has escapes for them',
    ],
  ];
  it.each(undeclarable)("refuses %s", async (_title, mapRoles, entry, refusal) => {
    await cluster({ mapRoles }, entry);
    const arn = /rolearn: (\S+)/.exec(mapRoles)?.[1]?.replace("teams/", "") ?? "";
    expect((await imported(undefined, arn)).refusal).toContain(refusal);
  });

  it("refuses an access entry that no program can declare", async () => {
    await cluster("", { ...standard, groups: ["<team>"] });
    expect((await imported("API", opsArn)).refusal).toBe(
      `the access entry of arn "${opsArn}" (username "ops", groups ["<team>"]) cannot be imported: group "<team>" has the placeholder <team>; expand it first; ${way}`,
    );
  });

  it("is refused in a mode that the cluster does not have", async () => {
    await cluster(inMap("ops", "ops", "operators"), undefined, "CONFIG_MAP");
    expect((await imported("API", opsArn)).refusal).toContain("has no access entry, but an entry in aws-auth");
    await cluster("", undefined, "API");
    expect((await imported(undefined, opsArn)).refusal).toContain("ignores kube-system/aws-auth");
    world.aws.addServiceEntry(name, opsArn, standard);
    expect((await imported(undefined, opsArn)).refusal).toContain(`give the ID "API:${opsArn}"`);
  });
});
