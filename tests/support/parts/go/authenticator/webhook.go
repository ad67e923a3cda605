package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	"sigs.k8s.io/aws-iam-authenticator/pkg/config"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper/dynamicfile"
	"sigs.k8s.io/aws-iam-authenticator/pkg/metrics"
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
// an empty object when the webhook listens. Each further line replaces the access entries. Its log goes to standard error as JSON, and it ends with its input.
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
	logrus.SetFormatter(&logrus.JSONFormatter{})
	metrics.InitMetrics(prometheus.NewRegistry())
	door, err := newFrontDoor(settings.Cluster, settings.Folder)
	if err != nil {
		return err
	}
	http.DefaultTransport = router{door, sts, http.DefaultTransport}
	door.cfg.UserMappings = []config.UserMapping{settings.Creator}
	if err := door.cfg.GenerateFiles(); err != nil {
		return err
	}
	if err := out.Encode(map[string]string{"configFile": door.cfg.GenerateKubeconfigPath}); err != nil {
		return err
	}

	var api apiServer
	if err := readLine(in, &api); err != nil {
		return err
	}
	door.cfg.Master, door.cfg.Kubeconfig = api.Master, api.Kubeconfig
	if err := door.open(); err != nil {
		return err
	}
	if err := out.Encode(struct{}{}); err != nil {
		return err
	}
	for in.Scan() {
		var entries dynamicfile.DynamicFileData
		if err := json.Unmarshal(in.Bytes(), &entries); err != nil {
			return err
		}
		if err := door.load(entries); err != nil {
			return err
		}
		if err := out.Encode(struct{}{}); err != nil {
			return err
		}
	}
	return in.Err()
}

// A router sends what is for STS to a local address, with the host that was signed, unless it is the front door's.
type router struct {
	door  *frontDoor
	sts   *url.URL
	other http.RoundTripper
}

func (r router) RoundTrip(request *http.Request) (*http.Response, error) {
	if response, isOurs := r.door.answer(request); isOurs {
		return response, nil
	}
	if r.sts == nil || !strings.HasPrefix(request.URL.Hostname(), "sts.") {
		return r.other.RoundTrip(request)
	}
	routed := request.Clone(request.Context())
	routed.Host = request.URL.Host
	routed.URL.Scheme, routed.URL.Host = r.sts.Scheme, r.sts.Host
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
