using System.Collections.Generic;
using System.Linq;
using Pulumi;
using AwsAuth = Eks.AwsAuth;

return await Deployment.RunAsync(() =>
{
    // The stack configuration specifies the role and the cluster.
    var config = new Config();

    new AwsAuth.IdentityMapping("developers", new()
    {
        Arn = config.Require("roleArn"),
        Username = "developer:{{SessionName}}",
        Groups = { "developers" },
    });

    // The entries in the map before this run.
    var found = AwsAuth.GetIdentityMappings.Invoke();
    return new Dictionary<string, object?>
    {
        ["found"] = found.Apply(result => result.Mappings.Select(mapping => mapping.Arn).ToArray()),
    };
});
