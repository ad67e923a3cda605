// Command client-go is the real client-go as an oracle: how it reads a kubeconfig, and what it sends.
//
// It reads JSON lines, each a question, and answers each with one line. No request leaves the machine: a transport in the place of
// the network notes the headers. Credential plugins run.
package main

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"golang.org/x/net/http/httpguts"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

type question struct {
	// The list in KUBECONFIG.
	Kubeconfig string `json:"kubeconfig"`
	// The file that is named in the place of the list, if any.
	Explicit string `json:"explicit"`
	// The context that is named; empty: the current one.
	Context string `json:"context"`
}

type answer struct {
	// What client-go complains about; the other fields are empty then.
	Error     string      `json:"error,omitempty"`
	Server    string      `json:"server,omitempty"`
	Namespace string      `json:"namespace,omitempty"`
	Proxy     string      `json:"proxy,omitempty"`
	TLS       *tlsAnswer  `json:"tls,omitempty"`
	Headers   http.Header `json:"headers,omitempty"`
}

type tlsAnswer struct {
	Insecure   bool   `json:"insecure,omitempty"`
	ServerName string `json:"serverName,omitempty"`
	// Whether the kubeconfig says which certificates to trust.
	HasCA bool `json:"hasCa,omitempty"`
	// The subject of the client's certificate.
	Client string `json:"client,omitempty"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var asked question
		if err := json.Unmarshal(in.Bytes(), &asked); err != nil {
			fail(err)
		}
		result, err := ask(asked)
		if err != nil {
			result = &answer{Error: err.Error()}
		}
		if err := out.Encode(result); err != nil {
			fail(err)
		}
	}
	if err := in.Err(); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintf(os.Stderr, "client-go: %v\n", err)
	os.Exit(1)
}

// ask goes the way of kubectl, from the files to the first request.
func ask(asked question) (*answer, error) {
	os.Setenv(clientcmd.RecommendedConfigPathEnvVar, asked.Kubeconfig)
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = asked.Explicit
	loaded := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		rules,
		&clientcmd.ConfigOverrides{CurrentContext: asked.Context},
	)
	config, err := loaded.ClientConfig()
	if err != nil {
		return nil, err
	}
	namespace, _, err := loaded.Namespace()
	if err != nil {
		return nil, err
	}
	url, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, err
	}
	result := &answer{Server: url.String(), Namespace: namespace}
	if config.Proxy != nil {
		proxy, err := config.Proxy(&http.Request{URL: url})
		if err != nil {
			return nil, err
		}
		result.Proxy = proxy.String()
	}
	// Before the request, as where the network is real: a plugin whose certificate is asked for runs once.
	if result.TLS, err = tlsOf(config); err != nil {
		return nil, err
	}
	result.Headers, err = headersOf(config, url.String())
	return result, err
}

func tlsOf(config *rest.Config) (*tlsAnswer, error) {
	settings, err := rest.TLSConfigFor(config)
	if settings == nil || err != nil {
		return nil, err
	}
	result := &tlsAnswer{
		Insecure:   settings.InsecureSkipVerify,
		ServerName: settings.ServerName,
		HasCA:      settings.RootCAs != nil,
	}
	if settings.GetClientCertificate != nil {
		certificate, err := settings.GetClientCertificate(&tls.CertificateRequestInfo{})
		if err != nil {
			return nil, err
		}
		if certificate.Leaf != nil {
			result.Client = certificate.Leaf.Subject.CommonName
		}
	}
	return result, nil
}

func headersOf(config *rest.Config, url string) (http.Header, error) {
	noted := &notes{}
	transport, err := rest.HTTPWrappersForConfig(config, noted)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	_, err = transport.RoundTrip(request)
	return noted.headers, err
}

// notes stands in the place of the network.
type notes struct {
	headers http.Header
}

func (n *notes) RoundTrip(request *http.Request) (*http.Response, error) {
	for name, values := range request.Header {
		for _, value := range values {
			// As net/http does before it sends.
			if !httpguts.ValidHeaderFieldValue(value) {
				return nil, errors.New("net/http: invalid header field value for " + name)
			}
		}
	}
	n.headers = request.Header
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("")), Request: request}, nil
}
