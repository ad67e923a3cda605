package main

import (
	"net/url"

	"github.com/sirupsen/logrus"
	"sigs.k8s.io/aws-iam-authenticator/pkg/config"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper/dynamicfile"
)

// webhookSettings is the first line of input.
type webhookSettings struct {
	// Name of the cluster that tokens must be for.
	Cluster string `json:"cluster"`
	// Empty directory for the certificate and the API server's configuration file.
	Folder string `json:"folder"`
	// URL that replaces every https://sts.*
	Sts string `json:"sts"`
	// The cluster's creator, who has access regardless of aws-auth, as in EKS.
	Creator config.UserMapping `json:"creator"`
}

// serveWebhook runs the authenticator's server. The API server needs the webhook's configuration file and the authenticator needs the API
// server, so there are two steps: a line of settings is answered with the file; a line with the API server's kubeconfig is answered with
// an empty object when the webhook listens. Each further line replaces the access entries. It logs to standard error as JSON, and exits at
// the end of its input.
func serveWebhook() error {
	var settings webhookSettings
	if err := input.Decode(&settings); err != nil {
		return err
	}
	sts, err := url.Parse(settings.Sts)
	if err != nil {
		return err
	}
	logrus.SetFormatter(&logrus.JSONFormatter{})
	auth, err := newAuthServer(settings.Cluster, settings.Folder, sts)
	if err != nil {
		return err
	}
	auth.cfg.UserMappings = []config.UserMapping{settings.Creator}
	if err := output.Encode(map[string]string{"configFile": auth.cfg.GenerateKubeconfigPath}); err != nil {
		return err
	}

	var api struct {
		Kubeconfig string `json:"kubeconfig"`
	}
	if err := input.Decode(&api); err != nil {
		return err
	}
	auth.cfg.Kubeconfig = api.Kubeconfig
	if err := auth.open(); err != nil {
		return err
	}
	if err := output.Encode(struct{}{}); err != nil {
		return err
	}
	return serveLines(func(entries dynamicfile.DynamicFileData) (struct{}, error) { return struct{}{}, auth.load(entries) })
}
