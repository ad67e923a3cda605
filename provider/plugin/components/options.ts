import * as pulumi from "@pulumi/pulumi";
import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import { parseUrn } from "../../engine/urn";
import { AwsAuthError } from "../../errors";
import { quoted } from "../../text/text";
import { maybeOlder } from "../messages";
import type { SdkRuntime } from "./runtime";

/**
 * The options of a component.
 *
 * @param own the reference of the provider that makes the component, by which its mappings have the same; undefined if the engine did not
 * tell.
 */
export function componentOptions(
  request: provider.ConstructRequest,
  own: string | undefined,
  runtime: SdkRuntime,
): pulumi.ComponentResourceOptions {
  const [parent, deletedWith] = [request.getParent(), request.getDeletedwith()];
  const older = maybeOlder(request);
  const [replaceWith = [], trigger] = [older.getReplaceWithList?.(), older.getReplacementTrigger?.()];
  const hooks = runtime.hookBindingFromProto(older.getResourceHooks?.());
  const timeouts = request.getCustomtimeouts();
  const references = [...request.getProvidersMap().entries()].map(([, reference]) => reference);
  return {
    aliases: request.getAliasesList().map(aliasOf),
    dependsOn: request.getDependenciesList().map(resourceOf),
    providers: Object.fromEntries([...references, ...(own === undefined ? [] : [own])].map(providerOf)),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    ...(parent !== "" && { parent: resourceOf(parent) }),
    ...(request.hasProtect() && { protect: request.getProtect() === true }),
    ...(request.hasRetainondelete() && { retainOnDelete: request.getRetainondelete() === true }),
    ...(timeouts !== undefined && { customTimeouts: timeouts.toObject() }),
    ...(deletedWith !== "" && { deletedWith: resourceOf(deletedWith) }),
    ...(replaceWith.length > 0 && { replaceWith: replaceWith.map(resourceOf) }),
    ...(trigger !== undefined && {
      replacementTrigger: pulumi.runtime.deserializeProperty(trigger.toJavaScript(), true),
    }),
    ...(hooks !== undefined && { hooks }),
  };
}

function resourceOf(urn: string): pulumi.Resource {
  return new pulumi.DependencyResource(urn);
}

function providerOf(reference: string): readonly [name: string, provider: pulumi.ProviderResource] {
  // The URN of the provider, and its ID.
  const [prefix, name] = parseUrn(reference)?.type.split(/:([^:]+)$/) ?? [];
  if (prefix !== "pulumi:providers" || name === undefined) {
    throw new AwsAuthError("invalidInput", `${quoted(reference)} is not a reference to a provider`);
  }
  return [name, new pulumi.DependencyProviderResource(reference)];
}

function aliasOf(alias: ReturnType<provider.ConstructRequest["getAliasesList"]>[number]): string | pulumi.Alias {
  const spec = alias.getSpec();
  if (spec === undefined) {
    return alias.getUrn();
  }
  const said = { name: spec.getName(), type: spec.getType(), project: spec.getProject(), stack: spec.getStack() };
  return {
    ...Object.fromEntries(Object.entries(said).filter(([, text]) => text !== "")),
    ...(spec.hasParenturn() && { parent: spec.getParenturn() }),
    ...(spec.hasNoparent() && spec.getNoparent() && { parent: pulumi.rootStackResource }),
  };
}
