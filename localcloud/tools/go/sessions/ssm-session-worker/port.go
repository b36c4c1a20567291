package main

import (
	"io"
	"log"
	"math"
	"net"

	"github.com/xtaci/smux"
)

// link is what the multiplexer reads from and writes to.
type link struct {
	io.Reader
	io.Writer
}

func (link) Close() error { return nil }

// forwardPort connects each of the client's streams to a port of the instance, or of the host that
// the properties name, as the instance resolves it.
func forwardPort(c *channel, properties map[string]string) handlers {
	reader, writer := io.Pipe()
	config := smux.DefaultConfig()
	config.KeepAliveDisabled = true // as the client, see agentVersion
	// Without a limit: a stream that nothing reads must not hold up acknowledgements.
	config.MaxReceiveBuffer = math.MaxInt32
	streams, err := smux.Server(link{reader, c}, config)
	if err != nil {
		log.Fatal(err)
	}
	host := properties["host"]
	if host == "" {
		host = "localhost"
	}
	address := net.JoinHostPort(host, properties["portNumber"])
	go func() {
		for {
			stream, err := streams.AcceptStream()
			if err != nil {
				log.Fatalf("no more streams: %v", err)
			}
			go forward(c, stream, address)
		}
	}()
	return handlers{input: func(data []byte) { writer.Write(data) }}
}

// forward connects a stream to an address. The client closes a stream for both directions.
func forward(c *channel, stream *smux.Stream, address string) {
	defer stream.Close()
	remote, err := net.Dial("tcp", address)
	if err != nil {
		log.Printf("no connection: %v", err)
		c.sendFlag(connectErrorFlag)
		return
	}
	defer remote.Close()
	go func() {
		io.Copy(remote, stream)
		remote.Close()
	}()
	io.Copy(stream, remote)
}
