package main

import (
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/creack/pty"
)

// startShell starts a shell on a terminal. It gets SIGHUP when the worker exits.
func startShell(c *channel, ended chan<- string) handlers {
	shell := exec.Command("sh")
	shell.Env = append(os.Environ(), "TERM=xterm-256color")
	terminal, err := pty.Start(shell)
	if err != nil {
		ended <- err.Error()
		return handlers{}
	}
	copied := make(chan struct{})
	go func() {
		io.Copy(c, terminal)
		close(copied)
	}()
	go func() {
		shell.Wait()
		select {
		case <-copied:
		case <-time.After(500 * time.Millisecond): // a job in the background keeps the terminal
		}
		ended <- ""
	}()
	// A program that does not read its input must not hold up acknowledgements.
	typed := make(chan []byte, 1<<16)
	go func() {
		for data := range typed {
			terminal.Write(data)
		}
	}()
	return handlers{
		input:  func(data []byte) { typed <- data },
		resize: func(columns, rows uint16) { pty.Setsize(terminal, &pty.Winsize{Cols: columns, Rows: rows}) },
	}
}
