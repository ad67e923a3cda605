package main

import (
	"net/url"

	"github.com/sirupsen/logrus"
	"sigs.k8s.io/aws-iam-authenticator/pkg/config"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper/dynamicfile"
)

// What the first line of input says.
type webhookSettings struct {
	// Name of the cluster that tokens must be for.
	Cluster string `json:"cluster"`
	// Empty directory for the certificate and the API server's configuration file.
	Folder string `json:"folder"`
	// URL that stands in the place of every https://sts.*
	Sts string `json:"sts"`
	// The user who made the cluster: let in whatever aws-auth says, as EKS does.
	Creator config.UserMapping `json:"creator"`
}

// serveWebhook runs the authenticator's own server. The API server needs the file that says where its webhook is, and the authenticator
// needs the API server, so that there are two steps: a line of settings is answered with the file, and a line with the API server's
// kubeconfig with an empty object when the webhook listens. Each further line replaces the access entries. Its log goes to standard error
// as JSON, and it ends with its input.
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
