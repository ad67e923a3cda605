import { describe, expect, it, vi } from "vitest";
import { Run } from "../../../provider/lifecycle/run.ts";
import { Declarations } from "../../../provider/session/declarations.ts";
import { ClusterSession } from "../../../provider/session/session.ts";

describe("what check found, for the diff that follows", () => {
  const sessionWith = (label: string) => {
    const unexpected = () => Promise.reject(new Error("unexpected"));
    const store = {
      label,
      warnings: [],
      read: unexpected,
      caller: unexpected,
      isLetIn: unexpected,
      account: unexpected,
      write: unexpected,
    };
    return new ClusterSession(store, new Declarations());
  };

  it("is the session over the very way that the resource names, and no other", async () => {
    const run = new Run();
    const [found, other] = [sessionWith("found"), sessionWith("other")];
    const looked = vi.spyOn(run, "sessionOf").mockResolvedValue(other);
    const cluster = { server: "0123456789ab", kubeconfig: "kubeconfig", context: "admin" };
    run.keepSession(cluster, found);
    expect(await run.keptSession({ ...cluster })).toBe(found);
    expect(looked).not.toHaveBeenCalled();
    for (const change of [{ context: "viewer" }, { kubeconfig: "other" }, { server: "ba9876543210" }]) {
      expect(await run.keptSession({ ...cluster, ...change })).toBe(other);
    }
    expect(looked).toHaveBeenCalledTimes(3);
  });

  it("is what the last check found, since a program may write a kubeconfig between two of its resources", async () => {
    const run = new Run();
    const last = sessionWith("last");
    run.keepSession({ context: "admin" }, sessionWith("first"));
    run.keepSession({ context: "admin" }, last);
    expect(await run.keptSession({ context: "admin" })).toBe(last);
  });
});
