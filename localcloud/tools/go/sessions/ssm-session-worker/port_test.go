package main

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/xtaci/smux"
)

type writer func([]byte)

func (w writer) Write(data []byte) (int, error) {
	w(data)
	return len(data), nil
}

func TestAHostThatDoesNotReadHoldsUpNothing(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // nothing accepts
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	c, _ := connected(t, func(uint32, []byte) {})
	h := forwardPort(c, map[string]string{"portNumber": port})
	nothing, _ := io.Pipe()
	config := smux.DefaultConfig()
	config.KeepAliveDisabled = true
	client, err := smux.Client(link{nothing, writer(h.input)}, config)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := client.OpenStream()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := stream.Write(make([]byte, 1<<25)) // more than all buffers on the way
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the client is held up")
	}
}
