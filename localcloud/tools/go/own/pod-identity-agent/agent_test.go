package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func upstream(t *testing.T, status int, body string, calls *int) *eksAuth {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*calls++
		sent, _ := io.ReadAll(r.Body)
		if r.Method != "POST" || r.URL.Path != "/clusters/c1/assume-role-for-pod-identity" ||
			!strings.HasPrefix(string(sent), `{"token":"`) ||
			!strings.Contains(r.Header.Get("Authorization"), "Credential=A/") {
			t.Errorf("unexpected request %s %s %s", r.Method, r.URL.Path, sent)
		}
		if status != 200 {
			w.Header().Set("X-Amzn-Errortype", "AccessDeniedException:http://x")
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	sign := func() (*signer, error) { return &signer{key: "A", secret: "S", service: "eks-auth"}, nil }
	return &eksAuth{endpoint: server.URL, cluster: "c1", signer: sign, client: server.Client()}
}

func answer(end time.Time) string {
	return fmt.Sprintf(`{"assumedRoleUser":{"arn":"arn:aws:sts::123456789012:assumed-role/r/s"},
		"credentials":{"accessKeyId":"A","secretAccessKey":"S","sessionToken":"T","expiration":%d}}`, end.Unix())
}

func get(handler http.Handler, token string) *httptest.ResponseRecorder {
	request := httptest.NewRequest("GET", "/v1/credentials", nil)
	request.Header.Set("Authorization", token)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

func jwt(end time.Time) string {
	claims := base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf(`{"exp":%d}`, end.Unix())))
	return "h." + claims + ".s"
}

func TestCredentialsHaveTheFormThatSDKsExpect(t *testing.T) {
	calls, end := 0, time.Now().Add(time.Hour).Truncate(time.Second).UTC()
	given := get(newAgent(upstream(t, 200, answer(end), &calls).assume), "token")
	var got map[string]string
	if err := json.Unmarshal(given.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"AccessKeyId": "A", "SecretAccessKey": "S", "Token": "T",
		"AccountId": "123456789012", "Expiration": end.Format(time.RFC3339)}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAnswersAreKeptUntilShortlyBeforeTheyEnd(t *testing.T) {
	for _, c := range []struct {
		name       string
		credential time.Duration
		token      time.Duration
		calls      int
	}{
		{"long-lived", time.Hour, time.Hour, 1},
		{"credential about to end", renewal - time.Second, time.Hour, 2},
		{"token has ended", time.Hour, -time.Second, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls, now := 0, time.Now()
			handler := newAgent(upstream(t, 200, answer(now.Add(c.credential)), &calls).assume)
			get(handler, jwt(now.Add(c.token)))
			get(handler, jwt(now.Add(c.token)))
			if calls != c.calls {
				t.Errorf("%d calls, want %d", calls, c.calls)
			}
		})
	}
}

func TestRefusalsArePassedOnWithTheirMessage(t *testing.T) {
	for given, want := range map[int]int{403: 403, 404: 404, 503: 500} {
		calls := 0
		got := get(newAgent(upstream(t, given, `{"message":"no association"}`, &calls).assume), "token")
		if got.Code != want || !strings.Contains(got.Body.String(), "AccessDeniedException: no association") {
			t.Errorf("upstream %d: got %d %s", given, got.Code, got.Body)
		}
	}
}

func TestARequestWithoutATokenIsRefusedHere(t *testing.T) {
	calls := 0
	if got := get(newAgent(upstream(t, 200, "", &calls).assume), ""); got.Code != 400 || calls != 0 {
		t.Errorf("got %d after %d calls", got.Code, calls)
	}
}

// The request and signature are those of "get-vanilla" in AWS's published SigV4 test suite.
func TestSignatureAgreesWithTheTestSuiteOfAWS(t *testing.T) {
	s := &signer{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", "us-east-1", "service"}
	request, _ := http.NewRequest("GET", "https://example.amazonaws.com/", nil)
	s.sign(request, nil, time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC))
	want := "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
	if got := request.Header.Get("Authorization"); !strings.HasSuffix(got, want) {
		t.Errorf("got %s", got)
	}
}
