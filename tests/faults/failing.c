/* Every n-th fsync or fdatasync of a file whose path holds a word fails, as a disk that goes bad does. What could not be
   written is gone then: the system has thrown the pages away (a new file is cut to nothing). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

static int seen;

static int fails(int handle)
{
    const char *word = getenv("FAIL_WORD"), *every = getenv("FAIL_EVERY");
    char link[64], path[4096];
    struct stat found;
    if (!word || !every)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    if (!strstr(path, word) || __sync_add_and_fetch(&seen, 1) % atoi(every))
        return 0;
    if (strstr(path, "/.incoming/") && !fstat(handle, &found) && S_ISREG(found.st_mode) && ftruncate(handle, 0))
        return 1;
    return 1;
}

int fsync(int handle)
{
    int (*real)(int) = (int (*)(int)) dlsym(RTLD_NEXT, "fsync");
    if (fails(handle)) {
        errno = EIO;
        return -1;
    }
    return real(handle);
}

int fdatasync(int handle)
{
    int (*real)(int) = (int (*)(int)) dlsym(RTLD_NEXT, "fdatasync");
    if (fails(handle)) {
        errno = EIO;
        return -1;
    }
    return real(handle);
}
