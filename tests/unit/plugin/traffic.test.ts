import { expect, it } from "vitest";
import { counted } from "../../../provider/plugin/traffic.ts";

it("counts what begins and what ends, so that silence begins anew with both, and also what fails", async () => {
  const traffic = { count: 0, underWay: 0 };
  const answered = counted(traffic, async () => "answer");
  const refused = counted(traffic, async () => {
    throw new Error("refused");
  });
  expect(traffic).toEqual({ count: 2, underWay: 2 });
  await expect(answered).resolves.toBe("answer");
  await expect(refused).rejects.toThrow("refused");
  expect(traffic).toEqual({ count: 4, underWay: 0 });
});
