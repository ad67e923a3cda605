import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { settingNames } from "../../provider/cluster/settings.ts";
import { inClear, PluginRun, secretValue } from "../support/plugin/pluginRun.ts";
import { kubeconfigOf, temporaryDirectory } from "../unit/cluster/support.ts";

/** A text that nobody can guess, and that is in nothing else. */
const marker = () => `hush${randomBytes(6).toString("hex")}`;

describe("the content of a kubeconfig is in no message, and in clear in no response of the plugin", () => {
  it("in any of a provider's settings", async () => {
    const run = await PluginRun.start(await temporaryDirectory(), {});
    const secret = marker();
    const content = kubeconfigOf({ a: "https://localhost:1" }, { token: secret });
    const seen: unknown[] = [];
    for (const name of [...settingNames, "kubeconfg", "authenticationmode"]) {
      const response = await run.ask("checkConfig", { news: { [name]: content } });
      const failures = response.getFailuresList().map((failure) => failure.toObject());
      seen.push([inClear(response.getInputs()?.toJavaScript()), failures]);
    }
    expect(await run.plugin.end()).toBe(0);
    expect(JSON.stringify([seen, run.plugin.stderr])).not.toContain(secret);
  });

  it("in the cluster of a mapping, whether or not that can be reached", async () => {
    const token = marker();
    const content = kubeconfigOf({ a: "https://127.0.0.1:1" }, { token });
    const mapping = { arn: "arn:aws:iam::111122223333:role/dev", username: "dev" };
    const run = await PluginRun.start(await temporaryDirectory(), { kubeconfig: secretValue(content) });
    const seen: unknown[] = [];
    /** What came of something that may be refused. */
    const attempt = async (act: Promise<unknown>) => seen.push(await act.then(inClear, String));
    const checked = run.check("dev", mapping);
    await attempt(checked);
    await attempt(checked.then(({ inputs }) => run.create("dev", inputs)));
    for (const cluster of [
      { kubeconfig: secretValue(content) },
      { kubeconfig: content },
      secretValue({ kubeconfig: content }),
      content,
      { kubeconfig: secretValue(content), context: "nowhere" },
    ]) {
      await attempt(run.check("dev", { ...mapping, cluster }));
    }
    expect(await run.plugin.end()).toBe(0);
    const text = JSON.stringify([seen, run.plugin.stderr]).toLowerCase();
    expect(text).not.toContain(token);
    expect(text).toContain("127.0.0.1:1");
  });
});
