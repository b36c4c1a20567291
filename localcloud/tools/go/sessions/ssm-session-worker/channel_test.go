package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// connected gives a channel that handles payloads by `handle`, and its client's socket.
func connected(t *testing.T, handle func(uint32, []byte)) (*channel, *websocket.Conn) {
	t.Helper()
	made := make(chan *channel, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		socket, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		c := newChannel(socket)
		made <- c
		c.read(handle)
	}))
	t.Cleanup(server.Close)
	client, _, err := websocket.DefaultDialer.Dial(strings.Replace(server.URL, "http", "ws", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return <-made, client
}

func receive(t *testing.T, client *websocket.Conn) (header, []byte) {
	t.Helper()
	client.SetReadDeadline(time.Now().Add(5 * time.Second))
	_, data, err := client.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	h, payload, err := decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return h, payload
}

func send(t *testing.T, client *websocket.Conn, data []byte) {
	t.Helper()
	if err := client.WriteMessage(websocket.BinaryMessage, data); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsNotAcknowledgedIsSentAgain(t *testing.T) {
	c, client := connected(t, func(uint32, []byte) {})
	c.send(outputPayload, []byte("first"))
	c.send(outputPayload, []byte("second"))
	for _, want := range []string{"first", "second", "first", "first"} {
		h, payload := receive(t, client)
		if string(payload) != want || h.kind() != outputMessage || h.PayloadType != outputPayload {
			t.Fatalf("got %q of %s, want %q", payload, h.kind(), want)
		}
		if want == "second" {
			send(t, client, acknowledgement(h))
		}
	}
}

func TestAMessageIsHandledOnceAndInOrderAndAcknowledgedEachTime(t *testing.T) {
	handled := make(chan string, 9)
	_, client := connected(t, func(_ uint32, payload []byte) { handled <- string(payload) })
	message := func(sequence int64) []byte {
		return encode(inputMessage, outputPayload, sequence, fmt.Append(nil, sequence))
	}
	wrong := message(0)
	wrong[len(wrong)-1] = '9' // which has another digest
	for _, data := range [][]byte{wrong, []byte("short"), message(1), message(0), message(0), message(1)} {
		send(t, client, data)
	}
	for _, want := range []int64{0, 0, 1} {
		h, payload := receive(t, client)
		found := fmt.Sprintf(`"AcknowledgedMessageSequenceNumber":%d`, want)
		if h.kind() != acknowledgeMessage || !bytes.Contains(payload, []byte(found)) {
			t.Fatalf("got %s %s, want %s", h.kind(), payload, found)
		}
	}
	if first, second := <-handled, <-handled; first != "0" || second != "1" || len(handled) > 0 {
		t.Fatalf("handled %s, %s and %d more", first, second, len(handled))
	}
}

func TestNoMoreMessagesThanTheWindowWaitForTheirAcknowledgement(t *testing.T) {
	c, client := connected(t, func(uint32, []byte) {})
	done := make(chan bool)
	go func() {
		for range window + 1 {
			c.send(outputPayload, []byte("x"))
		}
		close(done)
	}()
	var last header
	for range window {
		last, _ = receive(t, client)
	}
	select {
	case <-done:
		t.Fatal("one more was sent")
	case <-time.After(50 * time.Millisecond):
	}
	send(t, client, acknowledgement(last))
	<-done
}
