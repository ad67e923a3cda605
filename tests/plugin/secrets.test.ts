import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { settingNames } from "../../provider/cluster/settings.ts";
import { messages } from "../support/plugin/pluginProcess.ts";
import { inClear, PluginRun, secretValue, struct } from "../support/plugin/pluginRun.ts";
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
    return this.#texts.filter((text) => secrets.some((secret) => text.toLowerCase().includes(secret.toLowerCase())));
  }
}

describe("the content of a kubeconfig is in no message, and in clear in no response of the plugin", () => {
  it("in any of a provider's settings", async () => {
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
      await check({ [name]: kubeconfigOf({ a: "https://localhost:1" }, { token: secret() }) });
    }
    expect(await run.plugin.end()).toBe(0);
    texts.push(run.plugin.stderr);
    expect(texts.filter((text) => secrets.some((one) => text.includes(one)))).toEqual([]);
  });

  it("in the cluster of a mapping, whether or not that can be reached", async () => {
    const directory = await temporaryDirectory();
    const seen = new Seen();
    const token = marker();
    const content = kubeconfigOf({ a: "https://127.0.0.1:1" }, { token });
    const arn = "arn:aws:iam::111122223333:role/dev";
    const run = await PluginRun.start(directory, { kubeconfig: secretValue(content) });
    for (const cluster of [
      undefined,
      { kubeconfig: secretValue(content) },
      { kubeconfig: content },
      secretValue({ kubeconfig: content }),
      content,
      { kubeconfig: secretValue(content), context: "nowhere" },
    ]) {
      const news = { arn, username: "dev", ...(cluster !== undefined && { cluster }) };
      const checked = await seen.attempt(run.check("dev", news));
      if (cluster === undefined) {
        await seen.attempt(run.create("dev", checked?.inputs ?? {}));
      }
    }
    expect(await run.plugin.end()).toBe(0);
    seen.see(run.plugin.stderr);
    expect(seen.with([token])).toEqual([]);
    expect(seen.with(["127.0.0.1:1"]).length).toBeGreaterThan(0);
  });
});
