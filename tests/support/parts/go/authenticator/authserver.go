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

// A visitor logs in with an identity that STS would tell.
type visitor struct {
	// As STS has it: of a user, or of a role's session.
	Arn string `json:"arn"`
	// As STS has it: AIDA..., or AROA...:SESSION.
	UserId string `json:"userId"`
}

// An authServer is the authenticator's own server on a port of ours, with access entries in its DynamicFile backend, which is asked
// before aws-auth. Entries are found by the unique ID of the role or user, as in EKS.
type authServer struct {
	place   net.Listener
	taken   net.Listener
	cfg     config.Config
	file    string
	version int
	// The identity that logs in, for the STS of this process.
	visitor visitor
	client  http.Client
	// The STS of other visitors, and the way to all other servers.
	sts       *url.URL
	transport http.RoundTripper
}

// The access key of visitors of this process, whom no other STS knows.
const ownAccessKey = "ASIAAUTHSERVER000000"

// Loaded entries include one of this role, whose username is the number of the load.
const (
	fenceId      = "AROAFENCE"
	fenceRole    = "arn:aws:iam::000000000000:role/fence"
	fenceSession = "arn:aws:sts::000000000000:assumed-role/fence/session"
)

// newAuthServer holds a port until the server takes it, so that no other process does.
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

// open begins to serve.
func (a *authServer) open() error {
	// The server's health listener, which is of no use here, would be on all interfaces; that it finds its port taken, here or by another
	// one, stops nothing.
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

// load replaces the access entries, and returns once the server has them.
func (a *authServer) load(entries dynamicfile.DynamicFileData) error {
	if err := a.write(entries); err != nil {
		return err
	}
	return a.awaitLoad()
}

// In place: the server does not notice another file of that name for a second.
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

// ask logs a visitor in; nil where the server denies it.
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
	// What is left unread costs a connection.
	_, _ = io.Copy(io.Discard, response.Body)
	if !review.Status.Authenticated {
		return nil, nil
	}
	return &outcome{review.Status.User.Username, append([]string{}, review.Status.User.Groups...)}, nil
}

// The signature of this token is never checked: the STS of this process knows which identity logs in.
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

// RoundTrip answers for STS, where a visitor of this process is meant, and for EC2, which knows the name of every instance. What else is for
// STS goes to a local address, with the host that was signed.
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
