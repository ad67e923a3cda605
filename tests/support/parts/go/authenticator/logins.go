package main

import (
	"os"
	"slices"

	"github.com/sirupsen/logrus"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper/dynamicfile"
)

// A loginQuestion asks how visitors log in to a cluster with this aws-auth and these access entries.
type loginQuestion struct {
	Data     map[string]string           `json:"data"`
	Entries  dynamicfile.DynamicFileData `json:"entries"`
	Visitors []visitor                   `json:"visitors"`
	// How often each visitor logs in: the authenticator picks one of several duplicates at random.
	Tries int `json:"tries"`
}

// A login contains all results of one visitor.
type login struct {
	Outcomes []outcome `json:"outcomes"`
	// The distinct reasons why the server denied access.
	Denials []string `json:"denials"`
}

// denials stores the reason of the last denial, which the server only logs.
type denials struct{ last string }

func (d *denials) Levels() []logrus.Level { return []logrus.Level{logrus.WarnLevel} }

func (d *denials) Fire(entry *logrus.Entry) error {
	if err, ok := entry.Data[logrus.ErrorKey].(error); ok && entry.Message == "access denied" {
		d.last = err.Error()
	}
	return nil
}

// serveLogins logs in visitors to the authenticator's server, which verifies tokens, maps identities with its DynamicFile and then its
// EKSConfigMap backend, expands templates and refuses reserved names. STS and EC2 are in this process.
func serveLogins() error {
	for name, value := range map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	feed, err := startFeed()
	if err != nil {
		return err
	}
	denied := &denials{}
	logrus.SetLevel(logrus.WarnLevel)
	logrus.AddHook(denied)
	directory, err := os.MkdirTemp("", "authenticator-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	auth, err := newAuthServer("prod", directory, nil)
	if err != nil {
		return err
	}
	auth.cfg.Master = feed.address
	if err := auth.open(); err != nil {
		return err
	}
	return serveLines(func(asked loginQuestion) ([]login, error) {
		feed.load(asked.Data)
		if err := auth.load(asked.Entries); err != nil {
			return nil, err
		}
		logins := []login{}
		for _, at := range asked.Visitors {
			found, err := auth.logIn(at, asked.Tries, denied)
			if err != nil {
				return nil, err
			}
			logins = append(logins, found)
		}
		return logins, nil
	})
}

func (a *authServer) logIn(at visitor, tries int, denied *denials) (login, error) {
	result := login{Outcomes: []outcome{}, Denials: []string{}}
	for range max(tries, 1) {
		found, err := a.ask(at)
		if err != nil {
			return login{}, err
		}
		if found == nil {
			result.Denials = append(result.Denials, denied.last)
		} else {
			result.Outcomes = append(result.Outcomes, *found)
		}
	}
	slices.Sort(result.Denials)
	return login{distinct(result.Outcomes), slices.Compact(result.Denials)}, nil
}
