import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settingNames } from "../../provider/cluster/settings.ts";
import { manifestOf } from "../support/engine/manifest.ts";
import { cases } from "../support/nightly.ts";
import { messages } from "../support/plugin/pluginProcess.ts";
import { inClear, type Kept, PluginRun, secretValue, struct } from "../support/plugin/pluginRun.ts";
import { unfolded } from "../support/unfolded.ts";
import { account, type EntriesWorld, entriesWorld } from "../unit/cluster/eks/entriesWorld.ts";
import { kubeconfigOf, temporaryDirectory } from "../unit/cluster/support.ts";

/** A text that nobody can guess, and that is in nothing else. */
const marker = () => `hush${randomBytes(6).toString("hex")}`;

/** Everything that the engine stores, or a user gets to see, in clear. */
class Seen {
  readonly #texts: string[] = [];

  see(...values: readonly unknown[]): void {
    const given = values.filter((value) => value !== undefined);
    this.#texts.push(...given.map((value) => (typeof value === "string" ? value : JSON.stringify(inClear(value)))));
  }

  /** What came of something that may be refused; undefined if it was. */
  async attempt<T>(act: Promise<T>): Promise<T | undefined> {
    try {
      const result = await act;
      this.see(result);
      return result;
    } catch (error) {
      this.see(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** The texts that have one of these, in any letter case. */
  with(secrets: readonly string[]): string[] {
    return this.#texts
      .map((text) => unfolded(text))
      .filter((text) => secrets.some((secret) => text.toLowerCase().includes(secret.toLowerCase())));
  }
}

/** What a mapping says, where it is kept. */
interface Content {
  readonly username: string;
  readonly groups: readonly string[];
}

/** Where a mapping is kept, which somebody else changes too. */
interface Place {
  readonly directory: string;
  readonly settings: Readonly<Record<string, unknown>>;
  write(content: Content | undefined): Promise<void>;
}

interface Life {
  readonly place: "a manifest" | "an access entry";
  readonly secret: readonly ("arn" | "username" | "groups")[];
  readonly found: "nothing" | "the same" | "something else";
  readonly adopt: boolean;
  readonly edit: "nothing" | "username" | "groups" | "all";
}

const lives: fc.Arbitrary<Life> = fc.record({
  place: fc.constantFrom("a manifest", "an access entry"),
  secret: fc.uniqueArray(fc.constantFrom("arn", "username", "groups"), { minLength: 1 }),
  found: fc.constantFrom("nothing", "the same", "something else"),
  adopt: fc.boolean(),
  edit: fc.constantFrom("nothing", "username", "groups", "all"),
});
const whole = { secret: ["arn", "username", "groups"], found: "something else", adopt: true } as const;

describe("what is secret is in no message, and in clear in no response of the plugin", () => {
  it("through the life of a mapping", async () => {
    const world = await entriesWorld("API");
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const { seen, secrets } = await live(world, life);
        expect(seen.with(secrets)).toEqual([]);
      }),
      {
        numRuns: cases(5, 20),
        examples: [
          [{ ...whole, place: "an access entry", edit: "all" }],
          [{ ...whole, place: "a manifest", edit: "groups" }],
        ],
      },
    );
  }, 900_000);

  it("of a provider's settings, the content of a kubeconfig in any of them among them", async () => {
    const run = await PluginRun.start(await temporaryDirectory(), {});
    const texts: string[] = [];
    const check = async (settings: object) => {
      const request = new messages.CheckRequest();
      request.setNews(struct(settings));
      const response = await run.plugin.call("checkConfig", request, messages.CheckResponse);
      const failures = response.getFailuresList().map((failure) => failure.toObject());
      texts.push(JSON.stringify([inClear(response.getInputs()?.toJavaScript()), failures]));
      return failures;
    };
    const secrets: string[] = [];
    const secret = () => {
      secrets.push(marker());
      return secrets.at(-1) ?? "";
    };
    for (const name of [...settingNames, "kubeconfg", "authenticationmode"]) {
      await check({ [name]: secretValue(secret()) });
      await check({ [name]: kubeconfigOf({ a: "https://localhost:1" }, { token: secret() }) });
    }
    const misspelt = await check({ unreachabel: secretValue(secret()), unreachable: secretValue(secret()) });
    expect(misspelt.map(({ property }) => property)).toEqual(["", ""]);
    expect(misspelt.map(({ reason }) => unfolded(reason))).toEqual([
      expect.stringContaining("aws-auth:unreachabel is not a setting; valid settings: "),
      expect.stringContaining('aws-auth:unreachable "[secret]" must be one of: error, warn'),
    ]);
    expect(await run.plugin.end()).toBe(0);
    texts.push(run.plugin.stderr);
    expect(texts.filter((text) => secrets.some((one) => text.includes(one)))).toEqual([]);
  });

  it("of a cluster, whether or not it can be reached", async () => {
    const directory = await temporaryDirectory();
    const seen = new Seen();
    const [token, profile, context, path] = [marker(), marker(), marker(), marker()];
    const content = kubeconfigOf({ a: "https://127.0.0.1:1" }, { token });
    const arn = `arn:aws:iam::${account}:role/dev`;
    const run = await PluginRun.start(directory, { kubeconfig: secretValue(content), unreachable: "warn" });
    for (const cluster of [
      undefined,
      { kubeconfig: secretValue(content) },
      { kubeconfig: content },
      secretValue({ kubeconfig: content }),
      content,
      { kubeconfig: secretValue(`${path}/kubeconfig`) },
      { kubeconfig: secretValue(content), context: secretValue(context) },
      { name: "prod", region: "eu-central-1", profile: secretValue(profile) },
      secretValue({ name: "prod", region: "eu-central-1", profile, nonsense: token }),
    ]) {
      const news = { arn, username: "dev", ...(cluster !== undefined && { cluster }) };
      const checked = await seen.attempt(run.check("dev", news));
      if (cluster === undefined) {
        await seen.attempt(run.create("dev", checked?.inputs ?? {}));
      }
    }
    expect(await run.plugin.end()).toBe(0);
    seen.see(run.plugin.stderr);
    expect(seen.with([token, profile, context, path])).toEqual([]);
    expect(seen.with(["[secret]"]).length).toBeGreaterThan(0);
  });

  it("of the arguments of functions, known or not", async () => {
    const directory = await temporaryDirectory();
    const [role, user] = [marker(), marker()];
    const entry = `- rolearn: arn:aws:iam::${account}:role/${role}\n  username: ${user}\n`;
    await writeFile(join(directory, "aws-auth.yaml"), manifestOf({ mapRoles: entry }));
    const run = await PluginRun.start(directory, { manifest: "aws-auth.yaml" });
    const seen = new Seen();
    const call = async (name: string, args: object) => {
      const request = new messages.InvokeRequest();
      request.setTok(`aws-auth:index:${name}`);
      request.setArgs(struct(args));
      const { response, details } = await run.send("invoke", request);
      seen.see(details);
      const { returned, failures } = read(response);
      seen.see(returned, failures);
      return { returned, details };
    };
    const arn = `arn:aws:iam::${account}:role/${role}`;
    for (const name of ["explain", "getIdentityMappings"]) {
      expect(JSON.stringify((await call(name, { arn: secretValue(arn) })).returned)).toContain(user);
      await call(name, { arn: secretValue(`no-${role}`) });
      await call(name, { arn: secretValue([role]) });
      await call(name, { arn: secretValue(arn), [role]: secretValue(user), cluster: secretValue({ manifest: role }) });
    }
    await call("explain", { arn, roleArn: secretValue(user) });
    expect(await run.plugin.end()).toBe(0);
    seen.see(run.plugin.stderr);
    expect(seen.with([user])).toEqual([]);
    expect(seen.with([role]).filter((text) => !text.includes(`"${role}" is not an argument`))).toEqual([]);
  });
});

function read(response: Uint8Array | undefined) {
  const invoked = response && messages.InvokeResponse.deserializeBinary(response);
  return {
    returned: invoked?.getReturn()?.toJavaScript() ?? {},
    failures: invoked?.getFailuresList().map((failure) => failure.toObject()) ?? [],
  };
}

/** Lives a life in runs of their own, in which others change things too, and is refused wherever it may be. */
async function live(world: EntriesWorld, { place, secret, found, adopt, edit }: Life) {
  const [role, path] = [marker(), marker()];
  const content: Content = { username: `hush:${marker()}`, groups: [marker(), marker()] };
  const arn = `arn:aws:iam::${account}:role/${path}/${role}`;
  const secrets = [
    ...(secret.includes("arn") ? [role, path] : []),
    ...(secret.includes("username") ? [content.username] : []),
    ...(secret.includes("groups") ? content.groups : []),
  ];
  const news = Object.fromEntries(
    Object.entries({ arn, ...content, adopt }).map(([name, value]) => {
      return [name, secret.some((one) => one === name) ? secretValue(value) : value] as const;
    }),
  );
  const at = await (place === "a manifest" ? onManifest(role) : inAccessEntry(world, arn));
  const seen = new Seen();
  const up = async (before: Kept | undefined): Promise<Kept | undefined> => {
    const run = await PluginRun.start(at.directory, at.settings);
    const stored = before && (await seen.attempt(run.read("dev", before)));
    const checked = await seen.attempt(run.check("dev", news, stored));
    const inputs = checked === undefined || checked.failures.length > 0 ? undefined : checked.inputs;
    const changes = inputs && stored && (await seen.attempt(run.diff("dev", stored, inputs)));
    const after =
      inputs === undefined
        ? undefined
        : stored === undefined
          ? await seen.attempt(run.create("dev", inputs))
          : changes === undefined
            ? stored
            : await seen.attempt(run.update("dev", stored, inputs));
    await run.plugin.end();
    seen.see(run.plugin.stderr);
    return after ?? stored;
  };
  if (found !== "nothing") {
    await at.write(found === "the same" ? content : { username: "theirs", groups: ["theirs"] });
  }
  const made = await up(undefined);
  if (edit !== "nothing") {
    const edited = edit === "username" ? { username: "by-hand" } : { groups: ["by-hand"] };
    await at.write(edit === "all" ? undefined : { ...content, ...edited });
  }
  const kept = await up(made);
  await at.write({ ...content, groups: ["by-hand-again"] });
  if (kept !== undefined) {
    const run = await PluginRun.start(at.directory, at.settings);
    await seen.attempt(run.delete("dev", kept));
    await run.plugin.end();
    seen.see(run.plugin.stderr);
  }
  return { seen, secrets };
}

async function onManifest(role: string): Promise<Place> {
  const directory = await temporaryDirectory();
  const file = join(directory, "aws-auth.yaml");
  await writeFile(file, manifestOf({ mapRoles: "[]\n" }));
  const claims = async () => /( {2}annotations:\n(?: {4}.*\n)+)/.exec(await readFile(file, "utf8"))?.[0] ?? "";
  return {
    directory,
    settings: { manifest: "aws-auth.yaml" },
    write: async (content) => {
      const entry =
        content === undefined
          ? "[]\n"
          : `- rolearn: arn:aws:iam::${account}:role/${role}\n  username: "${content.username}"\n  groups: ${JSON.stringify(content.groups)}\n`;
      const record = await claims();
      await writeFile(file, manifestOf({ mapRoles: entry }).replace("data:\n", `${record}data:\n`));
    },
  };
}

async function inAccessEntry({ aws, api }: EntriesWorld, arn: string): Promise<Place> {
  aws.principals.create(arn);
  return {
    directory: await temporaryDirectory(),
    settings: { cluster: "prod", region: "eu-central-1", authenticationMode: "API" },
    write: async (content) => {
      const live = aws.entry("prod", arn);
      if (content === undefined) {
        await api.delete(arn);
      } else if (live === undefined) {
        aws.addServiceEntry("prod", arn, { type: "STANDARD", ...content });
      } else {
        Object.assign(live, { username: content.username, kubernetesGroups: content.groups });
      }
    },
  };
}
