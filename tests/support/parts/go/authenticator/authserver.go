package main

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go/aws/arn"
	"github.com/prometheus/client_golang/prometheus"
	authenticationv1beta1 "k8s.io/api/authentication/v1beta1"
	"sigs.k8s.io/aws-iam-authenticator/pkg/config"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper/dynamicfile"
	"sigs.k8s.io/aws-iam-authenticator/pkg/metrics"
	"sigs.k8s.io/aws-iam-authenticator/pkg/server"
)

// The prefixes that EKS reserves in access entries: https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
var reservedPrefixes = []string{"system:", "eks:", "aws:", "amazon:", "iam:"}

// A visitor is an identity that logs in.
type visitor struct {
	// The ARN that STS reports: of a user or a role session.
	Arn string `json:"arn"`
	// The user ID that STS reports: AIDA..., or AROA...:SESSION.
	UserId string `json:"userId"`
}

// An authServer is the authenticator's server on a local port, with access entries in its DynamicFile backend, which takes precedence over
// aws-auth. Entries are looked up by the unique ID of the role or user, as in EKS.
type authServer struct {
	place   net.Listener
	taken   net.Listener
	cfg     config.Config
	file    string
	version int
	// The current identity, which the STS in this process returns.
	visitor visitor
	client  http.Client
	// The STS for other tokens, and the transport for all other requests.
	sts       *url.URL
	transport http.RoundTripper
}

// The access key of identities that only the STS in this process knows.
const ownAccessKey = "ASIAAUTHSERVER000000"

// Every load adds an entry for this role, whose username is the number of the load.
const (
	fenceId      = "AROAFENCE"
	fenceRole    = "arn:aws:iam::000000000000:role/fence"
	fenceSession = "arn:aws:sts::000000000000:assumed-role/fence/session"
)

// newAuthServer reserves a port until the server listens on it.
func newAuthServer(cluster, directory string, sts *url.URL) (*authServer, error) {
	place, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	auth := &authServer{place: place, file: filepath.Join(directory, "access-entries.json")}
	auth.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	auth.cfg = config.Config{
		PartitionID:             "aws",
		ClusterID:               cluster,
		Hostname:                "127.0.0.1",
		Address:                 "127.0.0.1",
		HostPort:                place.Addr().(*net.TCPAddr).Port,
		StateDir:                directory,
		GenerateKubeconfigPath:  filepath.Join(directory, "webhook.yaml"),
		KubeconfigPregenerated:  true,
		BackendMode:             []string{mapper.ModeMountedFile, mapper.ModeDynamicFile, mapper.ModeEKSConfigMap},
		DynamicFilePath:         auth.file,
		DynamicFileUserIDStrict: true,
		ReservedPrefixConfig: map[string]config.ReservedPrefixConfig{
			mapper.ModeDynamicFile: {BackendMode: mapper.ModeDynamicFile, UsernamePrefixReserveList: reservedPrefixes},
		},
	}
	auth.sts, auth.transport, http.DefaultTransport = sts, http.DefaultTransport, auth
	metrics.InitMetrics(prometheus.NewRegistry())
	if err := auth.cfg.GenerateFiles(); err != nil {
		return nil, err
	}
	return auth, auth.write(dynamicfile.DynamicFileData{})
}

// open starts the server.
func (a *authServer) open() error {
	// Prevents the server's health listener, which would listen on all interfaces; the server ignores that its port is in use.
	if taken, err := net.Listen("tcp", "127.0.0.1:21363"); err == nil {
		a.taken = taken
	}
	if err := a.place.Close(); err != nil {
		return err
	}
	stop := make(chan struct{})
	webhook := server.New(a.cfg, stop)
	go webhook.Run(stop)
	return a.awaitLoad()
}

// load replaces the access entries and waits until the server has loaded them.
func (a *authServer) load(entries dynamicfile.DynamicFileData) error {
	if err := a.write(entries); err != nil {
		return err
	}
	return a.awaitLoad()
}

// write updates the file in place: the server detects a replaced file only after a second.
func (a *authServer) write(entries dynamicfile.DynamicFileData) error {
	a.version++
	fence := config.RoleMapping{RoleARN: fenceRole, UserId: fenceId, Username: fmt.Sprint(a.version)}
	entries.RoleMappings = append(entries.RoleMappings, fence)
	text, err := json.Marshal(entries)
	if err != nil {
		return err
	}
	return os.WriteFile(a.file, text, 0o600)
}

func (a *authServer) awaitLoad() error {
	at := visitor{Arn: fenceSession, UserId: fenceId + ":session"}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Microsecond) {
		if found, err := a.ask(at); err == nil && found != nil && found.Username == fmt.Sprint(a.version) {
			return nil
		}
	}
	return fmt.Errorf("the server did not load its access entries")
}

// ask logs in a visitor. It returns nil if the server denies access.
func (a *authServer) ask(at visitor) (*outcome, error) {
	a.visitor = at
	review := authenticationv1beta1.TokenReview{Spec: authenticationv1beta1.TokenReviewSpec{Token: ownToken()}}
	body, err := json.Marshal(review)
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("https://127.0.0.1:%d/authenticate", a.cfg.HostPort)
	response, err := a.client.Post(address, "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&review); err != nil {
		return nil, err
	}
	// An unread body prevents reuse of the connection.
	_, _ = io.Copy(io.Discard, response.Body)
	if !review.Status.Authenticated {
		return nil, nil
	}
	return &outcome{review.Status.User.Username, append([]string{}, review.Status.User.Groups...)}, nil
}

// ownToken returns a token without a valid signature: the STS in this process does not check it.
func ownToken() string {
	query := url.Values{
		"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"},
		"X-Amz-Algorithm":     {"AWS4-HMAC-SHA256"},
		"X-Amz-Credential":    {ownAccessKey + "/20260101/us-east-1/sts/aws4_request"},
		"X-Amz-Date":          {time.Now().UTC().Format("20060102T150405Z")},
		"X-Amz-Expires":       {"60"},
		"X-Amz-SignedHeaders": {"host;x-k8s-aws-id"},
		"X-Amz-Signature":     {"none"},
	}
	return "k8s-aws-v1." + base64.RawURLEncoding.EncodeToString([]byte("https://sts.us-east-1.amazonaws.com/?"+query.Encode()))
}

// RoundTrip answers requests to STS with this process's access key, and all requests to EC2. It sends other requests to STS to a local
// address, with the signed host.
func (a *authServer) RoundTrip(request *http.Request) (*http.Response, error) {
	isForSts := strings.HasPrefix(request.URL.Hostname(), "sts.")
	if isForSts && strings.Contains(request.URL.RawQuery, ownAccessKey) {
		return respond(request, identityOf(a.visitor)), nil
	}
	if strings.HasPrefix(request.URL.Hostname(), "ec2.") {
		body, _ := io.ReadAll(request.Body)
		form, _ := url.ParseQuery(string(body))
		return respond(request, instance(form.Get("InstanceId.1"))), nil
	}
	if isForSts && a.sts != nil {
		host := request.URL.Host
		request = request.Clone(request.Context())
		request.Host, request.URL.Scheme, request.URL.Host = host, a.sts.Scheme, a.sts.Host
	}
	return a.transport.RoundTrip(request)
}

func identityOf(at visitor) string {
	parsed, _ := arn.Parse(at.Arn)
	text, _ := json.Marshal(map[string]any{"GetCallerIdentityResponse": map[string]any{
		"GetCallerIdentityResult": map[string]string{"Account": parsed.AccountID, "Arn": at.Arn, "UserId": at.UserId},
	}})
	return string(text)
}

func instance(id string) string {
	return `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item><instancesSet><item><instanceId>` +
		id + `</instanceId><privateDnsName>` + id + `.ec2.internal</privateDnsName></item></instancesSet></item></reservationSet></DescribeInstancesResponse>`
}

func respond(request *http.Request, body string) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)), Request: request,
	}
}
