import com.pulumi.Pulumi;
import eks.awsauth.AwsauthFunctions;
import eks.awsauth.IdentityMapping;
import eks.awsauth.IdentityMappingArgs;

public class App {
    public static void main(String[] args) {
        Pulumi.run(context -> {
            // The stack configuration specifies the role and the cluster.
            var config = context.config();

            new IdentityMapping("developers", IdentityMappingArgs.builder()
                .arn(config.require("roleArn"))
                .username("developer:{{SessionName}}")
                .groups("developers")
                .build());

            // The entries in the map before this run.
            context.export("found", AwsauthFunctions.getIdentityMappings()
                .applyValue(result -> result.mappings().stream().map(mapping -> mapping.arn().orElse(null)).toList()));
        });
    }
}
