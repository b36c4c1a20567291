package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// eksAuth is the EKS Auth API's AssumeRoleForPodIdentity.
type eksAuth struct {
	endpoint string
	cluster  string
	signer   func() (*signer, error) // asked anew for every call: the node's keys expire
	client   *http.Client
}

// apiError is an answer of the API that is not a success.
type apiError struct {
	status  int
	message string
}

func (e *apiError) Error() string { return e.message }

type assumeAnswer struct {
	AssumedRoleUser struct{ Arn string }
	Credentials     struct {
		AccessKeyId, SecretAccessKey, SessionToken string
		Expiration                                 float64 // seconds since 1970
	}
}

func (e *eksAuth) assume(token string) (credentials, error) {
	body, _ := json.Marshal(map[string]string{"token": token})
	path := "/clusters/" + url.PathEscape(e.cluster) + "/assume-role-for-pod-identity"
	request, err := http.NewRequest("POST", e.endpoint+path, bytes.NewReader(body))
	if err != nil {
		return credentials{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	signer, err := e.signer()
	if err != nil {
		return credentials{}, err
	}
	signer.sign(request, body, time.Now())
	response, err := e.client.Do(request)
	if err != nil {
		return credentials{}, fmt.Errorf("calling the EKS Auth API: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return credentials{}, fmt.Errorf("reading the EKS Auth API: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return credentials{}, refusal(response, text)
	}
	return parse(text)
}

func refusal(response *http.Response, text []byte) error {
	var body struct{ Message string }
	message := strings.TrimSpace(string(text))
	if json.Unmarshal(text, &body) == nil && body.Message != "" {
		message = body.Message
	}
	kind, _, _ := strings.Cut(response.Header.Get("X-Amzn-Errortype"), ":")
	if kind != "" {
		message = kind + ": " + message
	}
	return &apiError{response.StatusCode, message}
}

func parse(text []byte) (credentials, error) {
	var answer assumeAnswer
	if err := json.Unmarshal(text, &answer); err != nil {
		return credentials{}, fmt.Errorf("answer of the EKS Auth API: %w", err)
	}
	given := answer.Credentials
	if given.AccessKeyId == "" || given.SecretAccessKey == "" || given.Expiration == 0 {
		return credentials{}, fmt.Errorf("answer of the EKS Auth API has no credentials")
	}
	arn := strings.Split(answer.AssumedRoleUser.Arn+":::::", ":")
	return credentials{
		AccessKeyId:     given.AccessKeyId,
		SecretAccessKey: given.SecretAccessKey,
		Token:           given.SessionToken,
		AccountId:       arn[4],
		Expiration:      time.Unix(int64(given.Expiration), 0).UTC(),
	}, nil
}

func (s *signer) sign(request *http.Request, body []byte, now time.Time) {
	stamp := now.UTC().Format("20060102T150405Z")
	request.Header.Set("X-Amz-Date", stamp)
	names := "host;x-amz-date"
	headers := "host:" + request.URL.Host + "\nx-amz-date:" + stamp + "\n"
	if s.token != "" {
		request.Header.Set("X-Amz-Security-Token", s.token)
		names += ";x-amz-security-token"
		headers += "x-amz-security-token:" + s.token + "\n"
	}
	canonical := strings.Join([]string{
		request.Method, escapedTwice(request.URL), request.URL.RawQuery, headers, names, digest(body),
	}, "\n")
	scope := strings.Join([]string{stamp[:8], s.region, s.service, "aws4_request"}, "/")
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + digest([]byte(canonical))
	key := []byte("AWS4" + s.secret)
	for _, part := range strings.Split(scope, "/") {
		key = mac(key, part)
	}
	request.Header.Set("Authorization", fmt.Sprintf(
		"AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%x",
		s.key, scope, names, mac(key, text)))
}

// escapedTwice is SigV4's canonical path: every service but S3 escapes what is escaped again.
func escapedTwice(address *url.URL) string {
	return strings.ReplaceAll(address.EscapedPath(), "%", "%25")
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, text string) []byte {
	hash := hmac.New(sha256.New, key)
	hash.Write([]byte(text))
	return hash.Sum(nil)
}
