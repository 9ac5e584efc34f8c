/*
 * File access of the packer. Reading insists on regular files, because a size is needed before the first byte; writing
 * goes through a temporary file in the same folder, because only then is the rename atomic.
 */
#include "tools/packer/file.h"

#include "tools/packer/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NEW_FILE_MODE = 0666 };

status_t buffer_alloc(size_t size, struct buffer *out_buffer, struct refusal *out_refusal) {
    unsigned char *data = calloc(size == 0 ? 1 : size, 1);
    if (data == nullptr) {
        return refuse(out_refusal, STATUS_NO_MEMORY, "out of memory: %zu bytes were needed", size);
    }
    *out_buffer = (struct buffer){.data = data, .size = size};
    return STATUS_OK;
}

void buffer_free(struct buffer *buffer) {
    free(buffer->data);
    *buffer = (struct buffer){};
}

static status_t refuse_errno(struct refusal *out_refusal, const char *path, const char *what) {
    return refuse(out_refusal, STATUS_NOT_FOUND, "%s: %s: %s", path, what, strerror(errno));
}

static status_t read_all(int file, const char *path, struct buffer *buffer, struct refusal *out_refusal) {
    for (size_t done = 0; done < buffer->size;) {
        ssize_t count = read(file, buffer->data + done, buffer->size - done);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return refuse_errno(out_refusal, path, "cannot be read");
        }
        if (count == 0) {
            return refuse(out_refusal, STATUS_BUSY, "%s: became shorter while it was read", path);
        }
        done += (size_t)count;
    }
    return STATUS_OK;
}

static status_t read_open_file(int file, const char *path, struct buffer *out_buffer, struct refusal *out_refusal) {
    struct stat information;
    if (fstat(file, &information) != 0) {
        return refuse_errno(out_refusal, path, "cannot be read");
    }
    if (!S_ISREG(information.st_mode)) {
        return refuse(out_refusal, STATUS_INVALID, "%s: is not a regular file", path);
    }
    struct buffer buffer;
    status_t status = buffer_alloc((size_t)information.st_size, &buffer, out_refusal);
    if (status != STATUS_OK) {
        return status;
    }
    status = read_all(file, path, &buffer, out_refusal);
    if (status != STATUS_OK) {
        buffer_free(&buffer);
        return status;
    }
    *out_buffer = buffer;
    return STATUS_OK;
}

status_t file_read(const char *path, struct buffer *out_buffer, struct refusal *out_refusal) {
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return refuse_errno(out_refusal, path, "cannot be opened");
    }
    status_t status = read_open_file(file, path, out_buffer, out_refusal);
    close(file);
    return status;
}

static status_t write_all(int file, const char *path, const struct buffer *buffer, struct refusal *out_refusal) {
    for (size_t done = 0; done < buffer->size;) {
        ssize_t count = write(file, buffer->data + done, buffer->size - done);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return refuse_errno(out_refusal, path, "cannot be written");
        }
        done += (size_t)count;
    }
    return STATUS_OK;
}

/* mkstemp() makes files that only their owner can read; the result gets what the umask leaves to any new file. */
static status_t set_new_file_mode(int file, const char *path, struct refusal *out_refusal) {
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(file, NEW_FILE_MODE & ~mask) != 0) {
        return refuse_errno(out_refusal, path, "cannot be written");
    }
    return STATUS_OK;
}

static status_t write_temporary(int file, const char *temporary, const char *path, const struct buffer *buffer,
                                struct refusal *out_refusal) {
    status_t status = write_all(file, path, buffer, out_refusal);
    if (status == STATUS_OK) {
        status = set_new_file_mode(file, path, out_refusal);
    }
    /* close() reports what a network file system could not store. */
    if (close(file) != 0 && status == STATUS_OK) {
        status = refuse_errno(out_refusal, path, "cannot be written");
    }
    if (status == STATUS_OK && rename(temporary, path) != 0) {
        status = refuse_errno(out_refusal, path, "cannot be replaced");
    }
    if (status != STATUS_OK) {
        unlink(temporary);
    }
    return status;
}

status_t file_write(const char *path, const struct buffer *buffer, struct refusal *out_refusal) {
    char *temporary = text_format("%s.XXXXXX", path);
    if (temporary == nullptr) {
        return refuse(out_refusal, STATUS_NO_MEMORY, "out of memory");
    }
    status_t status;
    int file = mkstemp(temporary);
    if (file < 0) {
        status = refuse_errno(out_refusal, path, "cannot be created");
    } else {
        status = write_temporary(file, temporary, path, buffer, out_refusal);
    }
    free(temporary);
    return status;
}
