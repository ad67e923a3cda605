/**
 * The region that the shared AWS configuration files give, by the SDK's own rules; undefined where they give none.
 *
 * @param profile which profile to ask; undefined: the one that AWS_PROFILE names, else `default`
 */
export async function profileRegion(profile: string | undefined): Promise<string | undefined> {
  const { EKSClient } = await import("@aws-sdk/client-eks");
  const client = new EKSClient(profile === undefined ? {} : { profile });
  try {
    return await client.config.region();
  } catch {
    // The SDK throws a plain error without a code when no region is set anywhere.
    return undefined;
  } finally {
    client.destroy();
  }
}
