// What an instance, or another user of the host, tries at the doors of others. Each word is one attack; all of them run
// without rights and are ended by a signal. What they hear and get is printed at once, so that a test can see it.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int fail(const char *what) {
  printf("%s: %s\n", what, strerror(errno));
  return 1;
}

// names FIRST LAST: takes the names of ports in the kernel's abstract space of sockets, by which Berth once claimed them.
static int names(int first, int last) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  int held = 0;
  const char *kinds[] = {"tcp", "udp"};
  for (int kind = 0; kind < 2; kind++)
    for (int port = first; port <= last; port++) {
      struct sockaddr_un place = {.sun_family = AF_UNIX};
      int length = snprintf(place.sun_path + 1, sizeof place.sun_path - 1, "berth/port/%s/%d", kinds[kind], port);
      int handle = socket(AF_UNIX, SOCK_DGRAM, 0);
      if (handle < 0) return fail("socket");
      held += bind(handle, (struct sockaddr *)&place, offsetof(struct sockaddr_un, sun_path) + 1 + length) == 0;
    }
  printf("held %d\n", held);
  pause();
  return 0;
}

// squat tcp|udp ADDRESS PORT: takes a port, asks for a password as a console does, and prints what it is told.
static int squat(const char *kind, const char *address, int port) {
  int isStream = strcmp(kind, "tcp") == 0;
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &place.sin_addr);
  int handle = socket(AF_INET, isStream ? SOCK_STREAM : SOCK_DGRAM, 0), yes = 1;
  setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  setsockopt(handle, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
  if (bind(handle, (struct sockaddr *)&place, sizeof place) != 0) return fail("bind");
  if (isStream && listen(handle, 8) != 0) return fail("listen");
  printf("squatting\n");
  for (;;) {
    char text[4096];
    int client = handle;
    if (isStream) {
      client = accept(handle, NULL, NULL);
      if (client < 0) continue;
      const char *question = "Enter password:\n";
      send(client, question, strlen(question), MSG_NOSIGNAL);
    }
    ssize_t count = recv(client, text, sizeof text, 0);
    if (count > 0) {
      printf("heard: ");
      for (ssize_t at = 0; at < count; at++) putchar(text[at] >= ' ' && text[at] <= '~' ? text[at] : '.');
      printf("\n");
    }
    if (isStream) close(client);
  }
}

// post ADDRESS PORT PATH BODY: asks a server by HTTP, and prints the first line of its answer.
static int post(const char *address, int port, const char *path, const char *body) {
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &place.sin_addr);
  int handle = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(handle, (struct sockaddr *)&place, sizeof place) != 0) return fail("connect");
  char request[16384];
  int length = snprintf(
      request, sizeof request,
      "POST %s HTTP/1.1\r\nHost: localhost:%d\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
      "Connection: close\r\n\r\n%s",
      path, port, strlen(body), body);
  if (send(handle, request, length, MSG_NOSIGNAL) != length) return fail("send");
  char answer[4096];
  ssize_t count = recv(handle, answer, sizeof answer - 1, 0);
  if (count <= 0) return fail("recv");
  answer[count] = 0;
  printf("answer: %s\n", strtok(answer, "\r\n"));
  return 0;
}

// log IDENTIFIER UNIT MESSAGE: writes to the journal as if it were another unit.
static int forge(const char *identifier, const char *unit, const char *message) {
  struct sockaddr_un place = {.sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket"};
  char text[4096];
  int length = snprintf(
      text, sizeof text,
      "MESSAGE=%s\nPRIORITY=6\nSYSLOG_IDENTIFIER=%s\n_SYSTEMD_UNIT=%s\n_SYSTEMD_USER_UNIT=%s\nUNIT=%s\nUSER_UNIT=%s\n"
      "MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1\n"  // SD_MESSAGE_COREDUMP
      "OBJECT_SYSTEMD_UNIT=%s\nCOREDUMP_UNIT=%s\nOBJECT_SYSTEMD_USER_UNIT=%s\nCOREDUMP_USER_UNIT=%s\n",
      message, identifier, unit, unit, unit, unit, unit, unit, unit, unit);
  int handle = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (sendto(handle, text, length, 0, (struct sockaddr *)&place, sizeof place) != length) {
    // A private journal may have no socket for that; the one behind stdout takes a name as well.
    struct sockaddr_un stream = {.sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/stdout"};
    handle = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(handle, (struct sockaddr *)&stream, sizeof stream) != 0) return fail("connect");
    length = snprintf(text, sizeof text, "%s\n%s\n6\n0\n0\n0\n0\n%s\n", identifier, unit, message);
    if (send(handle, text, length, MSG_NOSIGNAL) != length) return fail("send");
  }
  printf("forged\n");
  sleep(2);  // the journal looks who wrote it
  return 0;
}

int main(int count, char **words) {
  setvbuf(stdout, NULL, _IONBF, 0);
  sigset_t none;  // whoever starts programs with signals blocked hands that down
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  alarm(300);  // it does not outlive the test that started it for long
  if (count == 4 && !strcmp(words[1], "names")) return names(atoi(words[2]), atoi(words[3]));
  if (count == 5 && !strcmp(words[1], "squat")) return squat(words[2], words[3], atoi(words[4]));
  if (count == 6 && !strcmp(words[1], "post")) return post(words[2], atoi(words[3]), words[4], words[5]);
  if (count == 5 && !strcmp(words[1], "log")) return forge(words[2], words[3], words[4]);
  printf("names FIRST LAST | squat KIND ADDRESS PORT | post ADDRESS PORT PATH BODY | log IDENTIFIER UNIT MESSAGE\n");
  return 64;
}
