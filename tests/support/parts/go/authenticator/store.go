package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/sirupsen/logrus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/aws-iam-authenticator/pkg/config"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper/configmap"
)

// A liveStore is the authenticator's map store.
type liveStore struct {
	*feed
	mapper *configmap.ConfigMapMapper
}

// A feed replaces the API server that a map store watches: the store's fields are private, so data can only be loaded this way.
type feed struct {
	address string
	events  chan []byte
	loaded  chan struct{}
	version int
}

// A fence reports that the store has processed all previous events: it is sent as a watch error, which the store logs.
type fence struct{ passed chan struct{} }

func (f fence) Levels() []logrus.Level { return []logrus.Level{logrus.ErrorLevel} }

func (f fence) Fire(entry *logrus.Entry) error {
	if strings.Contains(entry.Message, "a watch error") {
		f.passed <- struct{}{}
	}
	return nil
}

func startStore() (*liveStore, error) {
	feed, err := startFeed()
	if err != nil {
		return nil, err
	}
	mapper, err := configmap.NewConfigMapMapper(config.Config{Master: feed.address})
	if err != nil {
		return nil, err
	}
	return &liveStore{feed, mapper}, mapper.Start(make(chan struct{}))
}

func startFeed() (*feed, error) {
	logrus.SetLevel(logrus.ErrorLevel)
	logrus.SetOutput(io.Discard)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	feed := &feed{address: "http://" + listener.Addr().String(), events: make(chan []byte), loaded: make(chan struct{})}
	logrus.AddHook(fence{feed.loaded})
	go func() { _ = http.Serve(listener, http.HandlerFunc(feed.watch)) }()
	return feed, nil
}

func (s *feed) watch(response http.ResponseWriter, request *http.Request) {
	response.Header().Set("Content-Type", "application/json")
	response.WriteHeader(http.StatusOK)
	response.(http.Flusher).Flush()
	for event := range s.events {
		_, _ = response.Write(event)
		response.(http.Flusher).Flush()
	}
}

func (s *feed) load(data map[string]string) {
	s.version++
	s.events <- eventOf("MODIFIED", corev1.ConfigMap{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{
			Name: "aws-auth", Namespace: "kube-system", ResourceVersion: strconv.Itoa(s.version),
		},
		Data: data,
	})
	s.events <- eventOf("ERROR", metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: "Failure", Message: "fence",
	})
	<-s.loaded
}

func eventOf(kind string, object any) []byte {
	text, _ := json.Marshal(map[string]any{"type": kind, "object": object})
	return append(text, '\n')
}
