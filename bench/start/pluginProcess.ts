import { join } from "node:path";
import type * as messages from "@pulumi/pulumi/proto/provider_pb.js";
import { load, responseOf, withServer } from "./protocol.ts";

const { ProviderHandshakeRequest }: typeof messages = load("@pulumi/pulumi/proto/provider_pb");

/**
 * Starts the resource plugin in a directory as the engine does, without the engine.
 *
 * @returns milliseconds until it has answered the handshake, the engine's first request.
 */
export function handshakeTime(directory: string): Promise<number> {
  const file = join(directory, "pulumi-resource-aws-auth");
  // There is no engine to send messages to.
  return withServer(file, ["127.0.0.1:1"], { stdio: ["pipe", "pipe", "inherit"] }, async ({ client, passed }) => {
    const request = new ProviderHandshakeRequest().setSupportsRefreshBeforeUpdate(true);
    await responseOf((callback) => client.handshake(request, callback));
    return passed();
  });
}
