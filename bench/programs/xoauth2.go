// golang.org/x/oauth2: xoauth2 ORIGIN COUNT [IN_FLIGHT | token]; prints microseconds of CPU, of wall clock, peak KiB
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

func usage() (int64, int64) {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return (u.Utime.Sec+u.Stime.Sec)*1000000 + u.Utime.Usec + u.Stime.Usec, u.Maxrss
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func one(client *http.Client, url string) {
	answer, err := client.Get(url)
	check(err)
	body, err := io.ReadAll(answer.Body)
	check(err)
	answer.Body.Close()
	var value struct {
		Name  string
		Items []map[string]any
	}
	check(json.Unmarshal(body, &value))
	if value.Name == "" {
		panic("a bad answer")
	}
}

func main() {
	origin := os.Args[1]
	count, _ := strconv.Atoi(os.Args[2])
	flight := 1
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if ca := os.Getenv("BENCH_CA"); ca != "" {
		pem, err := os.ReadFile(ca)
		check(err)
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
		transport.ForceAttemptHTTP2 = os.Getenv("BENCH_HTTP2") != ""
		if !transport.ForceAttemptHTTP2 {
			transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
		}
	}
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, &http.Client{Transport: transport})
	config := clientcredentials.Config{ClientID: "bench", ClientSecret: "secret", TokenURL: origin + "/token"}
	source := config.TokenSource(ctx)
	client := oauth2.NewClient(ctx, source)
	if len(os.Args) > 3 && os.Args[3] == "token" {
		_, err := source.Token()
		check(err)
		cpu, _ := usage()
		wall := time.Now()
		for i := 0; i < count; i++ {
			source.Token()
		}
		used, peak := usage()
		fmt.Println(used-cpu, time.Since(wall).Microseconds(), peak)
		return
	}
	if len(os.Args) > 3 {
		flight, _ = strconv.Atoi(os.Args[3])
		transport.MaxIdleConnsPerHost = flight
		transport.MaxIdleConns = flight
	}
	run := func(times int) {
		var jobs sync.WaitGroup
		next := make(chan bool, times)
		for i := 0; i < times; i++ {
			next <- true
		}
		close(next)
		for i := 0; i < flight; i++ {
			jobs.Add(1)
			go func() {
				for range next {
					one(client, origin+"/1k.json")
				}
				jobs.Done()
			}()
		}
		jobs.Wait()
	}
	run(flight)
	cpu, _ := usage()
	wall := time.Now()
	run(count)
	used, peak := usage()
	fmt.Println(used-cpu, time.Since(wall).Microseconds(), peak)
}
