// Command pod-identity-agent gives pods the credentials of their EKS Pod Identity association.
//
// An AWS SDK in a pod asks it at AWS_CONTAINER_CREDENTIALS_FULL_URI with the pod's service
// account token; the agent passes the token to the EKS Auth API and answers in the form of
// the container credentials provider.
package main

import (
	"cmp"
	"flag"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	address := flag.String("bind-address", "169.254.170.23", "address to serve credentials on")
	port := flag.String("port", "80", "port to serve credentials on")
	probePort := flag.String("probe-port", "2703", "port that answers /readyz, on every address")
	cluster := flag.String("cluster-name", os.Getenv("CLUSTER_NAME"), "EKS cluster of this node")
	region := flag.String("region", os.Getenv("AWS_REGION"), "AWS region of the cluster")
	endpoint := flag.String("endpoint", os.Getenv("AWS_ENDPOINT_URL_EKS_AUTH"), "EKS Auth API")
	flag.Parse()
	if *cluster == "" || *region == "" {
		log.Fatal("--cluster-name and --region (or CLUSTER_NAME and AWS_REGION) are required")
	}
	api := &eksAuth{
		endpoint: cmp.Or(*endpoint, "https://eks-auth."+*region+".amazonaws.com"),
		cluster:  *cluster,
		signer:   func() (*signer, error) { return nodeSigner(*region) },
		client:   &http.Client{Timeout: 10 * time.Second},
	}
	failed := make(chan error)
	credentials := net.JoinHostPort(*address, *port)
	listener, err := net.Listen("tcp", credentials)
	if err != nil {
		log.Fatalf("listening on %s: %v", credentials, err)
	}
	// Readiness starts only after the listener above: a ready agent answers.
	go func() { failed <- serve(nil, ":"+*probePort, probes()) }()
	go func() { failed <- serve(listener, credentials, newAgent(api.assume)) }()
	log.Printf("credentials of cluster %s on %s, from %s", *cluster, credentials, api.endpoint)
	log.Fatal(<-failed)
}

func serve(listener net.Listener, address string, handler http.Handler) error {
	server := &http.Server{Addr: address, Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	if listener == nil {
		return server.ListenAndServe()
	}
	return server.Serve(listener)
}

func probes() http.Handler {
	mux := http.NewServeMux()
	ok := func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) }
	mux.HandleFunc("GET /readyz", ok)
	mux.HandleFunc("GET /healthz", ok)
	return mux
}

// bearer is the token of an Authorization header; SDKs send it bare.
func bearer(header string) string {
	return strings.TrimSpace(strings.TrimPrefix(header, "Bearer "))
}
