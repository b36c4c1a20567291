package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strings"
	"sync"
	"time"
)

// renewal is how long before its end a credential is fetched anew; SDKs renew within
// their last minutes and must not be handed the old one again.
const renewal = 10 * time.Minute

// credentials is the answer that SDKs expect of a container credentials provider.
type credentials struct {
	AccessKeyId     string
	SecretAccessKey string
	Token           string
	AccountId       string
	Expiration      time.Time
}

type cached struct {
	credentials credentials
	until       time.Time
}

// agent answers credential requests, remembering each token's answer until shortly before it ends.
type agent struct {
	assume func(token string) (credentials, error)
	now    func() time.Time
	mutex  sync.Mutex
	cache  map[string]cached
}

func newAgent(assume func(string) (credentials, error)) http.Handler {
	a := &agent{assume: assume, now: time.Now, cache: map[string]cached{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/credentials", a.serve)
	return mux
}

func (a *agent) serve(w http.ResponseWriter, r *http.Request) {
	token := bearer(r.Header.Get("Authorization"))
	if token == "" {
		http.Error(w, "Service account token cannot be empty", http.StatusBadRequest)
		return
	}
	found, err := a.credentials(token)
	if err != nil {
		log.Printf("credentials for %s: %v", r.RemoteAddr, err)
		http.Error(w, err.Error(), status(err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(found)
}

// status passes a refusal of the API on as it is; all else is the agent's own failure.
func status(err error) int {
	var refused *apiError
	if errors.As(err, &refused) && refused.status >= 400 && refused.status < 500 {
		return refused.status
	}
	return http.StatusInternalServerError
}

func (a *agent) credentials(token string) (credentials, error) {
	if found, ok := a.remembered(token); ok {
		return found, nil
	}
	found, err := a.assume(token)
	if err != nil {
		return credentials{}, err
	}
	until := found.Expiration.Add(-renewal)
	// A token that has ended must be refused, so its answer is not kept any longer than it.
	if end, ok := tokenEnd(token); ok && end.Before(until) {
		until = end
	}
	a.remember(token, cached{found, until})
	return found, nil
}

func (a *agent) remembered(token string) (credentials, bool) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	entry, ok := a.cache[token]
	return entry.credentials, ok && a.now().Before(entry.until)
}

func (a *agent) remember(token string, entry cached) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	for key, old := range a.cache {
		if !a.now().Before(old.until) {
			delete(a.cache, key)
		}
	}
	a.cache[token] = entry
}

// tokenEnd reads a service account token's own expiry; the API server vouches for the rest.
func tokenEnd(token string) (time.Time, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}, false
	}
	var claims struct {
		Exp float64 `json:"exp"`
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &claims) != nil || claims.Exp == 0 {
		return time.Time{}, false
	}
	return time.Unix(int64(claims.Exp), 0), true
}
