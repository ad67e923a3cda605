import { describe, expect, it } from "vitest";
import { settingNames } from "../../../provider/cluster/settings.ts";
import { kubeconfigOf, temporaryDirectory } from "../../support/cluster/kubeconfigs.ts";
import { startEntryCluster } from "../../support/eks/entryCluster.ts";
import { stateFileOf } from "../../support/engine/state.ts";
import { enginePropertyLines, mostVerbose } from "../../support/engine/testProject.ts";
import { isNightly } from "../../support/nightly.ts";
import { PluginRun, secretValue, withoutSecrets } from "../../support/plugin/pluginRun.ts";
import { rolesNamed } from "../../support/variants/declared.ts";
import { pluginVariant } from "../../support/variants/variant.ts";

/** A text that occurs nowhere else. */
const secret = "hush0f5c9a2be71d";

describe("the content of a kubeconfig", () => {
  it("is in no message and in no response as plain text, in any provider setting", async () => {
    const run = await PluginRun.start(await temporaryDirectory(), {});
    const content = kubeconfigOf({ a: "https://localhost:1" }, { token: secret });
    const seen: unknown[] = [];
    for (const name of [...settingNames, "kubeconfg", "authenticationmode"]) {
      const response = await run.ask("checkConfig", { news: { [name]: content } });
      const failures = response.getFailuresList().map((failure) => failure.toObject());
      seen.push([withoutSecrets(response.getInputs()?.toJavaScript()), failures]);
    }
    expect(await run.plugin.end()).toBe(0);
    expect(JSON.stringify([seen, run.plugin.stderr])).not.toContain(secret);
  });

  it("is in no message and in no response as plain text, in the cluster of a mapping", async () => {
    const content = kubeconfigOf({ a: "https://127.0.0.1:1" }, { token: secret });
    const mapping = { arn: "arn:aws:iam::111122223333:role/dev", username: "dev" };
    const run = await PluginRun.start(await temporaryDirectory(), { kubeconfig: secretValue(content) });
    const seen: unknown[] = [];
    /** Records the result or the error. */
    const attempt = async (act: Promise<unknown>) => seen.push(await act.then(withoutSecrets, String));
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
    expect(text).not.toContain(secret);
    expect(text).toContain("127.0.0.1:1");
  });
});

describe.runIf(isNightly)("secret provider settings, through the resource plugin", () => {
  it("are in no message, and not as plain text in the state", async () => {
    const world = await startEntryCluster();
    try {
      const kubeconfig = world.cluster.kubeconfig("deployer");
      const secrets = [world.cluster.token("deployer"), world.cluster.caData.slice(100, 160)];
      const leaksIn = (text: string) =>
        text.split("\n").filter((line) => !enginePropertyLines.test(line) && secrets.some((one) => line.includes(one)));
      const program = pluginVariant.program(rolesNamed(["dev"]));
      const project = await world.add("settings", program, pluginVariant);
      await project.configure({});
      await project.pulumi("config", "set", "--secret", "aws-auth:kubeconfig", kubeconfig);
      for (const run of [
        () => project.preview(...mostVerbose),
        () => project.up(),
        () => project.refresh(...mostVerbose),
        () => project.destroy(),
      ]) {
        const { code, output } = await run();
        expect({ code, leaks: leaksIn(output) }).toEqual({ code: 0, leaks: [] });
        expect(leaksIn(await stateFileOf(project))).toEqual([]);
      }
      for (const name of ["kubeconfg", "lockoutProtection"]) {
        await project.configure({});
        await project.pulumi("config", "set", "--secret", `aws-auth:${name}`, kubeconfig);
        const { code, output } = await project.preview();
        expect({ code, leaks: leaksIn(output) }).toEqual({ code: 1, leaks: [] });
        expect(output).toContain(`aws-auth:${name}`);
      }
    } finally {
      await world.stop();
    }
  }, 600_000);
});
