package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	"sigs.k8s.io/aws-iam-authenticator/pkg/config"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper"
	"sigs.k8s.io/aws-iam-authenticator/pkg/metrics"
	"sigs.k8s.io/aws-iam-authenticator/pkg/server"
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

// What the second line says, once the API server runs.
type apiServer struct {
	Master     string `json:"master"`
	Kubeconfig string `json:"kubeconfig"`
}

// serveWebhook runs the authenticator's own server. The API server needs the file that says where its webhook is, and the authenticator
// needs the API server, so that there are two steps: a line of settings is answered with the file, and a line with the API server with
// an empty object when the webhook listens. Its log goes to standard error as JSON, and it ends with its input.
func serveWebhook() error {
	in := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	var settings webhookSettings
	if err := readLine(in, &settings); err != nil {
		return err
	}
	sts, err := url.Parse(settings.Sts)
	if err != nil {
		return err
	}
	http.DefaultTransport = stsRouter{sts, http.DefaultTransport}
	logrus.SetFormatter(&logrus.JSONFormatter{})
	metrics.InitMetrics(prometheus.NewRegistry())

	// Held until the server takes it, so that nobody else does.
	place, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	cfg := configOf(settings, place.Addr().(*net.TCPAddr).Port)
	if err := cfg.GenerateFiles(); err != nil {
		return err
	}
	if err := out.Encode(map[string]string{"configFile": cfg.GenerateKubeconfigPath}); err != nil {
		return err
	}

	var api apiServer
	if err := readLine(in, &api); err != nil {
		return err
	}
	cfg.Master, cfg.Kubeconfig = api.Master, api.Kubeconfig
	// The server's health listener, which is of no use here, would be on all interfaces; that it finds its port taken stops nothing.
	if taken, err := net.Listen("tcp", "127.0.0.1:21363"); err == nil {
		defer taken.Close()
	}
	if err := place.Close(); err != nil {
		return err
	}
	stop := make(chan struct{})
	webhook := server.New(cfg, stop)
	go webhook.Run(stop)
	if err := out.Encode(struct{}{}); err != nil {
		return err
	}
	for in.Scan() {
	}
	return in.Err()
}

func configOf(settings webhookSettings, port int) config.Config {
	return config.Config{
		PartitionID:            "aws",
		ClusterID:              settings.Cluster,
		Hostname:               "127.0.0.1",
		Address:                "127.0.0.1",
		HostPort:               port,
		StateDir:               settings.Folder,
		GenerateKubeconfigPath: filepath.Join(settings.Folder, "webhook.yaml"),
		KubeconfigPregenerated: true,
		UserMappings:           []config.UserMapping{settings.Creator},
		BackendMode:            []string{mapper.ModeMountedFile, mapper.ModeEKSConfigMap},
	}
}

// A stsRouter sends what is for STS to a local address, with the host that was signed.
type stsRouter struct {
	local *url.URL
	other http.RoundTripper
}

func (r stsRouter) RoundTrip(request *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(request.URL.Hostname(), "sts.") {
		return r.other.RoundTrip(request)
	}
	routed := request.Clone(request.Context())
	routed.Host = request.URL.Host
	routed.URL.Scheme, routed.URL.Host = r.local.Scheme, r.local.Host
	return r.other.RoundTrip(routed)
}

func readLine(in *bufio.Scanner, into any) error {
	if !in.Scan() {
		if err := in.Err(); err != nil {
			return err
		}
		return fmt.Errorf("the input ended early")
	}
	return json.Unmarshal(in.Bytes(), into)
}
