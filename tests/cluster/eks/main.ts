// `npm run test:eks -- --cluster NAME [--region REGION] [--role PREFIX]`: tests this package against a real EKS cluster.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual, parseArgs } from "node:util";

const repository = join(import.meta.dirname, "..", "..", "..");
const built = createRequire(join(repository, "dist", "index.js"));
const { resolveClusterRef }: typeof import("../../../provider/cluster/resolveClusterRef.ts") = built(
  "./provider/cluster/resolveClusterRef.js",
);
const { connectionTo }: typeof import("../../../provider/cluster/connect.ts") = built("./provider/cluster/connect.js");
const documents: typeof import("../../../provider/awsAuthMap/index.ts") = built("./provider/awsAuthMap/index.js");
const { IAM }: typeof import("@aws-sdk/client-iam") = built("@aws-sdk/client-iam");

type Mode = "CONFIG_MAP" | "API_AND_CONFIG_MAP" | "API";

interface LifecycleOptions {
  /** The name of an EKS cluster. */
  readonly cluster: string;
  readonly region: string | undefined;
  /** The prefix of the names of three roles, which are created and deleted. */
  readonly role: string;
  /** Credentials of AWS, and PATH with the Pulumi CLI. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
}

/** The time until EKS shows a change, at most, in milliseconds. */
const propagationTimeout = 30_000;

/** A trust policy that allows no one to assume the roles. */
const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Deny", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
});

/**
 * Runs the lifecycle of three mappings on an EKS cluster, through the engine: create, drift, update, the steps of a move if the cluster's
 * mode allows them, and destroy. Removes everything that it created, also after a failure.
 *
 * @throws Error that names the step that failed.
 */
async function runLifecycle({ cluster, region, role, env, log }: LifecycleOptions): Promise<void> {
  const settings = { config: () => undefined, env, cwd: repository };
  const ref = await resolveClusterRef({ name: cluster, region }, settings);
  const { store, accessEntries } = await connectionTo(ref, settings);
  const api = await accessEntries?.();
  if (ref.kind !== "eks" || api === undefined) {
    throw new Error(`${cluster} is not an EKS cluster`);
  }
  const { account, authenticationMode, partition } = await api.cluster();
  const iam = new IAM({ region: ref.region });
  const names = [1, 2, 3].map((number) => `${role}-${number}`);
  const arnOf = (name: string) => `arn:${partition}:iam::${account}:role/${name}`;
  const createdRoles: string[] = [];
  const directory = await mkdtemp(join(tmpdir(), "aws-auth-eks-"));
  let groups: readonly string[] = ["pulumi-aws-auth-test"];

  const pulumi = (...args: string[]) =>
    new Promise<{ readonly failed: boolean; readonly output: string }>((resolve) => {
      const own = { PULUMI_BACKEND_URL: `file://${directory}`, PULUMI_CONFIG_PASSPHRASE: "test" };
      execFile("pulumi", args, { cwd: directory, env: { ...env, ...own } }, (error, stdout, stderr) =>
        resolve({ failed: error !== null, output: `${stdout}\n${stderr}\n${error?.message ?? ""}` }),
      );
    });
  const must = async (...args: string[]) => {
    const { failed, output } = await pulumi(...args);
    if (failed) {
      throw new Error(`pulumi ${args[0]} failed:\n${output}`);
    }
  };
  const isMapUsed = authenticationMode !== "API";
  const areEntriesUsed = authenticationMode !== "CONFIG_MAP";
  /** The content of each role in aws-auth and in the access entries. */
  const stored = async () => {
    const entries = isMapUsed ? documents.entriesOf(documents.parseMap((await store.read()).data)) : [];
    return Promise.all(
      names.map(async (name) => [
        contentOf(entries.find(({ arn }) => arn === arnOf(name))),
        contentOf(areEntriesUsed ? await api.read(arnOf(name)) : undefined),
      ]),
    );
  };
  const expectStored = async (mode: Mode | undefined) => {
    const isIn = (place: Mode) => mode === place || mode === "API_AND_CONFIG_MAP";
    const expected = names.map((username) =>
      [isIn("CONFIG_MAP"), isIn("API")].map((isThere) => (isThere ? { username, groups } : undefined)),
    );
    for (const ends = Date.now() + propagationTimeout; ; ) {
      const found = await stored();
      if (isDeepStrictEqual(found, expected)) {
        return;
      }
      if (Date.now() > ends) {
        const [all, there] = [expected, found].map((value) => JSON.stringify(value));
        throw new Error(`expected ${all}, found ${there} (aws-auth, access entry of each role)`);
      }
      await setTimeout(1_000);
    }
  };
  const up = async (mode: Mode) => {
    const mappings = names.map((name) => ({ arn: arnOf(name), username: name, groups, authenticationMode: mode }));
    await writeFile(
      join(directory, "index.js"),
      `const { IdentityMapping } = require("pulumi-aws-auth");
for (const mapping of ${JSON.stringify(mappings)}) {
  new IdentityMapping(mapping.username, { cluster: ${JSON.stringify({ name: cluster, region: ref.region })}, ...mapping });
}
`,
    );
    await must("up", "--yes", "--skip-preview");
    await expectStored(mode);
  };
  const drift = async () => {
    const [name = ""] = names;
    if (!isMapUsed) {
      const live = await api.read(arnOf(name));
      return live && api.update({ ...live, username: `${name}-drifted` });
    }
    const base = await store.read();
    const { mapRoles = "" } = base.data;
    const changed = mapRoles.replace(new RegExp(`(username: "?)${name}\\b`), `$1${name}-drifted`);
    return store.write({ data: { mapRoles: changed } }, base);
  };
  const step = async (title: string, run: () => Promise<void>) => {
    const before = Date.now();
    await run().catch((error: Error) => {
      throw new Error(`${title}: ${error.message}`);
    });
    log(`ok  ${title} (${((Date.now() - before) / 1000).toFixed(0)} s)`);
  };

  try {
    for (const RoleName of names) {
      await iam.createRole({ RoleName, AssumeRolePolicyDocument: trust, Description: "Test of pulumi-aws-auth" });
      createdRoles.push(RoleName);
    }
    await writeProject(directory);
    await must("stack", "init", "test");
    const first: Mode = isMapUsed ? "CONFIG_MAP" : "API";
    await step(`create in mode ${first}`, () => up(first));
    await step("drift is shown and put back", async () => {
      await drift();
      const { failed, output } = await pulumi("preview", "--expect-no-changes", "--diff");
      if (!failed || !output.includes("-drifted")) {
        throw new Error(`the preview does not show the drift:\n${output}`);
      }
      await up(first);
    });
    await step("update", async () => {
      groups = [...groups, "pulumi-aws-auth-test-2"];
      await up(first);
    });
    const moves: readonly Mode[] = ["API_AND_CONFIG_MAP", "API", "API_AND_CONFIG_MAP", "CONFIG_MAP"];
    for (const mode of isMapUsed && areEntriesUsed ? moves : []) {
      await step(`move to ${mode}`, () => up(mode));
    }
    await step("destroy", async () => {
      await must("destroy", "--yes", "--skip-preview");
      await expectStored(undefined);
    });
  } finally {
    const { failed, output } =
      createdRoles.length === 0 ? { failed: false, output: "" } : await pulumi("destroy", "--yes", "--skip-preview");
    for (const RoleName of createdRoles) {
      await iam.deleteRole({ RoleName });
    }
    if (failed) {
      log(`the stack in ${directory} could not be destroyed; remove its mappings by hand:\n${output}`);
    } else {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

function contentOf(entry: { readonly username?: string | undefined; readonly groups?: readonly string[] } | undefined) {
  return entry && { username: entry.username ?? "", groups: entry.groups ?? [] };
}

/** A Node project with this package and Pulumi's SDK. */
async function writeProject(directory: string): Promise<void> {
  const modules = join(directory, "node_modules");
  await mkdir(join(modules, "@pulumi"), { recursive: true });
  await symlink(repository, join(modules, "pulumi-aws-auth"));
  await symlink(join(repository, "node_modules", "@pulumi", "pulumi"), join(modules, "@pulumi", "pulumi"));
  await writeFile(join(directory, "Pulumi.yaml"), "name: aws-auth-eks\nruntime: nodejs\nmain: index.js\n");
  await writeFile(join(directory, "package.json"), '{ "name": "aws-auth-eks", "main": "index.js" }\n');
}

const { values } = parseArgs({
  options: {
    cluster: { type: "string" },
    region: { type: "string" },
    role: { type: "string", default: "pulumi-aws-auth-test" },
  },
});
const { cluster, region, role } = values;
if (cluster === undefined) {
  console.error("give the name of an EKS cluster: npm run test:eks -- --cluster NAME");
  process.exitCode = 2;
} else {
  try {
    await runLifecycle({ cluster, region, role, env: process.env, log: console.log });
  } catch (error) {
    console.error(`failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
