// Command ssm-session-worker is the instance's end of a Session Manager session, like the program
// of this name in amazon-ssm-agent: it serves a shell or forwards ports over a data channel.
//
// Standard input is the client's connection, on which it accepts the WebSocket; the environment
// variable SESSION holds the type session as JSON. It exits when the client leaves, the shell ends
// or SIGTERM arrives.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
)

// agentVersion is one with which the client multiplexes connections and sends no keep-alives.
const agentVersion = "3.3.3050.0"

const (
	handshakeTimeout = 30 * time.Second
	closeTimeout     = 3 * time.Second
)

type session struct {
	SessionID    string
	TokenValue   string
	WebSocketKey string
	SessionType  string
	Properties   map[string]string
}

// handlers take what the client sends once the handshake is complete.
type handlers struct {
	input  func([]byte)
	resize func(columns, rows uint16)
}

func main() {
	var s session
	if err := json.Unmarshal([]byte(os.Getenv("SESSION")), &s); err != nil {
		log.Fatalf("SESSION: %v", err)
	}
	os.Unsetenv("SESSION") // the shell must not see the token
	log.SetPrefix(s.SessionID + " ")
	socket, err := accept(s)
	if err != nil {
		log.Fatalf("no data channel: %v", err)
	}
	c := newChannel(socket)
	ended := make(chan string, 2)
	go serve(c, s, ended)
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM)
	select {
	case <-terminate:
		finish(c, s, "")
	case output := <-ended:
		finish(c, s, output)
	}
}

// finish tells the client that the session has ended, and waits closeTimeout at most.
func finish(c *channel, s session, output string) {
	time.AfterFunc(closeTimeout, func() { os.Exit(0) })
	c.close(s.SessionID, output)
}

// connection lets gorilla's Upgrader accept a WebSocket on a connection without an HTTP server.
type connection struct{ net.Conn }

func (c connection) Header() http.Header { return http.Header{} }
func (c connection) WriteHeader(int)     {}
func (c connection) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return c.Conn, bufio.NewReadWriter(bufio.NewReader(c.Conn), bufio.NewWriter(c.Conn)), nil
}

// accept accepts the WebSocket, whose first message must hold the session's token.
func accept(s session) (*websocket.Conn, error) {
	plain, err := net.FileConn(os.Stdin)
	if err != nil {
		return nil, err
	}
	os.Stdin.Close()
	request := &http.Request{Method: http.MethodGet, Header: http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
		"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {s.WebSocketKey},
	}}
	socket, err := (&websocket.Upgrader{}).Upgrade(connection{plain}, request, nil)
	if err != nil {
		return nil, err
	}
	socket.SetReadDeadline(time.Now().Add(handshakeTimeout))
	var opened struct{ TokenValue string }
	if err := socket.ReadJSON(&opened); err != nil {
		return nil, err
	}
	if opened.TokenValue != s.TokenValue {
		refusal := websocket.FormatCloseMessage(websocket.ClosePolicyViolation, "invalid token")
		socket.WriteMessage(websocket.CloseMessage, refusal)
		log.Fatal("the client has another token than the session")
	}
	return socket, nil
}

// serve does the handshake, then serves the session until the client leaves.
func serve(c *channel, s session, ended chan<- string) {
	started := time.Now()
	c.sendJSON(handshakeRequestPayload, map[string]any{
		"AgentVersion": agentVersion,
		"RequestedClientActions": []any{map[string]any{
			"ActionType": "SessionType",
			"ActionParameters": map[string]any{
				"SessionType": s.SessionType, "Properties": s.Properties,
			},
		}},
	})
	var h handlers
	err := c.read(func(payloadType uint32, payload []byte) {
		switch payloadType {
		case handshakeResponsePayload:
			if refused := refusals(payload); refused != "" {
				ended <- refused
				return
			}
			c.socket.SetReadDeadline(time.Time{})
			c.sendJSON(handshakeCompletePayload, map[string]any{
				"HandshakeTimeToComplete": time.Since(started), "CustomerMessage": "",
			})
			h = start(c, s, ended)
		case outputPayload:
			if h.input != nil {
				h.input(payload)
			}
		case sizePayload:
			var size struct{ Cols, Rows uint16 }
			if h.resize != nil && json.Unmarshal(payload, &size) == nil {
				h.resize(size.Cols, size.Rows)
			}
		case flagPayload:
			if len(payload) == 4 && binary.BigEndian.Uint32(payload) == terminateFlag {
				os.Exit(0)
			}
		}
	})
	log.Printf("the client left: %v", err)
	os.Exit(0)
}

// refusals gives what the client says that it cannot do.
func refusals(response []byte) string {
	var content struct{ Errors []string }
	if err := json.Unmarshal(response, &content); err != nil {
		return err.Error()
	}
	if len(content.Errors) > 0 {
		return content.Errors[0]
	}
	return ""
}

func start(c *channel, s session, ended chan<- string) handlers {
	if s.SessionType == "Port" {
		return forwardPort(c, s.Properties)
	}
	return startShell(c, ended)
}
