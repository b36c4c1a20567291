package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Message and payload types, as in src/message of session-manager-plugin.
const (
	inputMessage       = "input_stream_data"
	outputMessage      = "output_stream_data"
	acknowledgeMessage = "acknowledge"
	closedMessage      = "channel_closed"
)

const (
	outputPayload            = 1
	sizePayload              = 3
	handshakeRequestPayload  = 5
	handshakeResponsePayload = 6
	handshakeCompletePayload = 7
	flagPayload              = 10
)

const (
	terminateFlag    = 2
	connectErrorFlag = 3
)

// header precedes every payload, big-endian. HeaderLength does not count PayloadLength.
type header struct {
	HeaderLength   uint32
	MessageType    [32]byte // padded with spaces or zeros
	SchemaVersion  uint32
	CreatedDate    uint64 // milliseconds
	SequenceNumber int64
	Flags          uint64
	MessageID      [16]byte // the halves of a UUID, the second one first
	PayloadDigest  [32]byte // SHA-256
	PayloadType    uint32
	PayloadLength  uint32
}

var headerSize = binary.Size(header{})

func (h header) kind() string { return string(bytes.Trim(h.MessageType[:], " \x00")) }

// encode gives the bytes of a message of the worker.
func encode(kind string, payloadType uint32, sequence int64, payload []byte) []byte {
	h := header{
		HeaderLength: uint32(headerSize - 4), SchemaVersion: 1, SequenceNumber: sequence,
		CreatedDate: uint64(time.Now().UnixMilli()), PayloadDigest: sha256.Sum256(payload),
		PayloadType: payloadType, PayloadLength: uint32(len(payload)),
	}
	copy(h.MessageType[:], fmt.Sprintf("%-32s", kind))
	rand.Read(h.MessageID[:])
	out, _ := binary.Append(make([]byte, 0, headerSize+len(payload)), binary.BigEndian, h)
	return append(out, payload...)
}

// decode splits a message and verifies the digest of its payload.
func decode(data []byte) (h header, payload []byte, err error) {
	if _, err = binary.Decode(data, binary.BigEndian, &h); err != nil {
		return h, nil, err
	}
	start := uint64(h.HeaderLength) + 4
	if uint64(len(data)) != start+uint64(h.PayloadLength) {
		return h, nil, errors.New("a message of another length than its header says")
	}
	payload = data[start:]
	if len(payload) > 0 && sha256.Sum256(payload) != h.PayloadDigest {
		return h, nil, errors.New("a payload that does not have the digest of its header")
	}
	return h, payload, nil
}

// acknowledgement gives the message that acknowledges another one.
func acknowledgement(of header) []byte {
	id := append(append([]byte{}, of.MessageID[8:]...), of.MessageID[:8]...)
	payload, _ := json.Marshal(map[string]any{
		"AcknowledgedMessageType":           of.kind(),
		"AcknowledgedMessageId":             fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]),
		"AcknowledgedMessageSequenceNumber": of.SequenceNumber,
		"IsSequentialMessage":               true,
	})
	return encode(acknowledgeMessage, 0, 0, payload)
}
