package main

import (
	"encoding/binary"
	"encoding/json"
	"log"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	payloadSize = 1024 // bytes, as the agent sends at most
	window      = 1000 // messages that may wait for their acknowledgement
	// Must exceed the time that a busy client takes to acknowledge: a client that gets a message
	// twice while it begins to forward ports fails.
	resendAfter = time.Second
)

type sentMessage struct {
	sequence int64
	data     []byte
}

// channel is the worker's end of a data channel. Its messages are acknowledged one by one and
// sent again until they are: the client ignores messages, without acknowledging them, until it is
// ready. One goroutine writes, so that the one that reads never waits for it.
type channel struct {
	socket *websocket.Conn

	mutex    sync.Mutex
	changed  *sync.Cond
	next     int64 // sequence number of the next message to send
	expected int64 // and of the next one to receive
	waiting  []sentMessage
	sentAt   time.Time // when the first of `waiting` was sent
	queue    [][]byte  // to write
	idle     bool      // whether all of it is written
}

func newChannel(socket *websocket.Conn) *channel {
	c := &channel{socket: socket, idle: true}
	c.changed = sync.NewCond(&c.mutex)
	go c.write()
	go c.resend()
	return c
}

// send sends a payload, once fewer than `window` messages wait for their acknowledgement.
func (c *channel) send(payloadType uint32, payload []byte) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for len(c.waiting) >= window {
		c.changed.Wait()
	}
	data := encode(outputMessage, payloadType, c.next, payload)
	if len(c.waiting) == 0 {
		c.sentAt = time.Now()
	}
	c.waiting = append(c.waiting, sentMessage{c.next, data})
	c.next++
	c.enqueue(data)
}

func (c *channel) sendJSON(payloadType uint32, value any) {
	payload, _ := json.Marshal(value)
	c.send(payloadType, payload)
}

func (c *channel) sendFlag(flag uint32) {
	c.send(flagPayload, binary.BigEndian.AppendUint32(nil, flag))
}

// Write sends output in pieces of the agent's size.
func (c *channel) Write(data []byte) (int, error) {
	for start := 0; start < len(data); start += payloadSize {
		c.send(outputPayload, data[start:min(start+payloadSize, len(data))])
	}
	return len(data), nil
}

// enqueue needs the mutex.
func (c *channel) enqueue(data []byte) {
	c.queue, c.idle = append(c.queue, data), false
	c.changed.Broadcast()
}

func (c *channel) write() {
	for {
		c.mutex.Lock()
		for len(c.queue) == 0 {
			c.idle = true
			c.changed.Broadcast()
			c.changed.Wait()
		}
		batch := c.queue
		c.queue = nil
		c.mutex.Unlock()
		for _, data := range batch {
			// After a failure `read` fails as well, which ends the worker.
			c.socket.WriteMessage(websocket.BinaryMessage, data)
		}
	}
}

func (c *channel) resend() {
	for range time.Tick(resendAfter / 10) {
		c.mutex.Lock()
		if len(c.waiting) > 0 && len(c.queue) == 0 && time.Since(c.sentAt) > resendAfter {
			c.sentAt = time.Now()
			c.enqueue(c.waiting[0].data)
		}
		c.mutex.Unlock()
	}
}

// read calls `handle` with each payload that the client sends, in order, until the connection ends.
func (c *channel) read(handle func(payloadType uint32, payload []byte)) error {
	for {
		_, data, err := c.socket.ReadMessage()
		if err != nil {
			return err
		}
		h, payload, err := decode(data)
		if err != nil {
			log.Printf("ignoring %v", err)
			continue
		}
		switch h.kind() {
		case acknowledgeMessage:
			c.acknowledged(payload)
		case inputMessage:
			if c.accept(h) {
				handle(h.PayloadType, payload)
			}
		}
	}
}

// accept acknowledges a message and returns whether it is the next one, and not a repeated one.
func (c *channel) accept(h header) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if h.SequenceNumber > c.expected {
		return false // the client sends it again
	}
	c.enqueue(acknowledgement(h))
	if h.SequenceNumber < c.expected {
		return false
	}
	c.expected++
	return true
}

func (c *channel) acknowledged(payload []byte) {
	var content struct{ AcknowledgedMessageSequenceNumber int64 }
	if json.Unmarshal(payload, &content) != nil {
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for i, sent := range c.waiting {
		if sent.sequence == content.AcknowledgedMessageSequenceNumber {
			c.waiting = append(c.waiting[:i:i], c.waiting[i+1:]...)
			if i == 0 {
				c.sentAt = time.Now()
			}
			c.changed.Broadcast()
			return
		}
	}
}

// close waits until the client has everything, then tells it that the session has ended.
func (c *channel) close(sessionID, output string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for len(c.waiting) > 0 {
		c.changed.Wait()
	}
	payload, _ := json.Marshal(map[string]any{
		"MessageType": closedMessage, "SessionId": sessionID, "SchemaVersion": 1, "Output": output,
	})
	c.enqueue(encode(closedMessage, 0, 0, payload))
	for !c.idle {
		c.changed.Wait()
	}
}
